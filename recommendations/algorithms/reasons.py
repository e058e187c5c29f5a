"""Why a product is recommended: the part that each past product has in what speaks for it."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.blend import Model
from recommendations.algorithms.item_knn import Gathered

# What contributes less than this is no reason that a shopper would see.
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a block of shoppers was scored by.

    `weighted` are the rows that ALS was asked with and `systems` what was solved for them,
    `gathered` what kNN found; `factors` (shoppers x 2) what the scores of ALS and kNN were
    multiplied with, and `trend` (shoppers x depth) what recent popularity added to each product
    that is shown.
    """

    weighted: sp.csr_matrix
    systems: NDArray[np.float64]
    gathered: Gathered
    factors: NDArray[np.float32]
    trend: NDArray[np.float32]


def explain(
    model: Model, evidence: Evidence, best: NDArray[np.int64], shown: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The strongest past products behind each of `best` (shoppers x depth), and their shares.

    Both answers are (shoppers x depth x reasons); -1 and 0 where there are fewer, or where nothing
    is `shown`.
    """
    most = model.settings.reasons
    causes = np.full((*best.shape, most), -1, dtype=np.int64)
    shares = np.zeros((*best.shape, most), dtype=np.float32)
    if not best.size or not most:
        return causes, shares
    inverses = np.linalg.inv(evidence.systems).astype(np.float32)
    places = np.full(model.similarity.shape[0], -1, dtype=np.int16)
    pointers = evidence.weighted.indptr
    for row in range(len(best)):
        if pointers[row] < pointers[row + 1] and shown[row].any():
            parts = _parts_of_als(model, evidence, best[row], inverses[row], row)
            _add_neighbours(parts, evidence, best[row], places, row)
            np.maximum(parts, 0.0, out=parts)
            whole = parts.sum(axis=1) + np.maximum(evidence.trend[row], 0.0)
            liked = evidence.weighted.indices[pointers[row] : pointers[row + 1]]
            _strongest(parts, whole, liked, causes[row], shares[row])
    causes[~shown] = -1
    return causes, shares


def _parts_of_als(
    model: Model,
    evidence: Evidence,
    best: NDArray[np.int64],
    inverse: NDArray[np.float32],
    row: int,
) -> NDArray[np.float32]:
    """What each liked product has in the scores (depth x liked): c_j · y_i · system⁻¹ · y_j."""
    weighted, factors = evidence.weighted, model.factors.factors
    own = slice(weighted.indptr[row], weighted.indptr[row + 1])
    parts: NDArray[np.float32] = (
        factors.take(best, axis=0) @ inverse @ factors.take(weighted.indices[own], axis=0).T
    )
    parts *= weighted.data[own].astype(np.float32) * evidence.factors[row, 0]
    return parts


def _add_neighbours(
    parts: NDArray[np.float32],
    evidence: Evidence,
    best: NDArray[np.int64],
    places: NDArray[np.int16],
    row: int,
) -> None:
    """Add what kNN has in the scores of `best`; `places` (products,) is scratch, -1 everywhere."""
    gathered, weighted = evidence.gathered, evidence.weighted
    liked = weighted.indices[weighted.indptr[row] : weighted.indptr[row + 1]]
    own = slice(gathered.bounds[row], gathered.bounds[row + 1])
    pointers = gathered.spoken.indptr[own.start : own.stop + 1]
    products = gathered.spoken.indices[pointers[0] : pointers[-1]]
    places[best] = np.arange(len(best), dtype=np.int16)
    rows = places.take(products)
    places[best] = -1
    hit = np.flatnonzero(rows >= 0)
    # What kNN is asked with is a part of what ALS is, and both are in the order of columns.
    asked = np.searchsorted(liked, gathered.taken[own])
    columns = np.repeat(asked, np.diff(np.searchsorted(hit, pointers - pointers[0])))
    # A pair of products occurs once, so nothing is added twice.
    flat = rows.take(hit).astype(np.int64) * len(liked) + columns
    values = gathered.spoken.data.take(hit + pointers[0]) * evidence.factors[row, 1]
    parts.reshape(-1)[flat] += values


def _strongest(
    parts: NDArray[np.float32],
    whole: NDArray[np.float32],
    liked: NDArray[np.integer],
    causes: NDArray[np.int64],
    shares: NDArray[np.float32],
) -> None:
    """Fill in the strongest of `parts` (depth x liked), which is used up, as shares of `whole`."""
    rows = np.arange(len(parts))
    scale = 1.0 / np.where(whole > 0, whole, 1.0)
    for rank in range(min(causes.shape[1], len(liked))):
        strongest = parts.argmax(axis=1)
        values = parts[rows, strongest] * scale
        told = values >= LEAST_SHARE
        causes[told, rank] = liked[strongest[told]]
        shares[told, rank] = values[told]
        parts[rows, strongest] = -1.0
