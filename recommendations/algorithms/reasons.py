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
    `gathered` what kNN found; `factors` what the scores of ALS and kNN were multiplied with, and
    `trend` (shoppers x depth) what recent popularity added to each product that is shown.
    """

    weighted: sp.csr_matrix
    systems: NDArray[np.float64]
    gathered: list[Gathered]
    factors: tuple[NDArray[np.float32], NDArray[np.float32]]
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
    solved = np.linalg.solve(evidence.systems, model.factors.wide[best].transpose(0, 2, 1))
    solved = solved.astype(np.float32)
    places = np.full(model.similarity.shape[0], -1, dtype=np.int32)
    pointers = evidence.weighted.indptr
    for row in range(len(best)):
        if pointers[row] < pointers[row + 1] and shown[row].any():
            parts = _parts_of_als(model, evidence, solved[row], row)
            _add_neighbours(parts, evidence, best[row], places, row)
            np.maximum(parts, 0.0, out=parts)
            whole = parts.sum(axis=1) + np.maximum(evidence.trend[row], 0.0)
            parts /= np.where(whole > 0, whole, 1.0)[:, None]
            liked = evidence.weighted.indices[pointers[row] : pointers[row + 1]]
            _strongest(parts, liked, causes[row], shares[row])
    causes[~shown] = -1
    return causes, shares


def _parts_of_als(
    model: Model, evidence: Evidence, solved: NDArray[np.float32], row: int
) -> NDArray[np.float32]:
    """What each liked product has in the scores (depth x liked): c_j · y_i · system⁻¹ · y_j."""
    weighted = evidence.weighted
    own = slice(weighted.indptr[row], weighted.indptr[row + 1])
    liked = model.factors.factors[weighted.indices[own]]
    parts: NDArray[np.float32] = solved.T @ liked.T
    parts *= weighted.data[own].astype(np.float32) * evidence.factors[0][row]
    return parts


def _add_neighbours(
    parts: NDArray[np.float32],
    evidence: Evidence,
    best: NDArray[np.int64],
    places: NDArray[np.int32],
    row: int,
) -> None:
    """Add what kNN has in the scores of `best`; `places` (products,) is scratch, -1 everywhere."""
    gathered, weighted = evidence.gathered[row], evidence.weighted
    liked = weighted.indices[weighted.indptr[row] : weighted.indptr[row + 1]]
    places[best] = np.arange(len(best), dtype=np.int32)
    rows = places[gathered.products]
    places[best] = -1
    hit = np.flatnonzero(rows >= 0)
    asked = np.searchsorted(gathered.ends, hit, side="right")
    # What kNN is asked with is a part of what ALS is, and both are in the order of columns.
    columns = np.searchsorted(liked, gathered.taken)[asked]
    # A pair of products occurs once, so nothing is added twice.
    parts[rows[hit], columns] += gathered.values[hit] * evidence.factors[1][row]


def _strongest(
    parts: NDArray[np.float32],
    liked: NDArray[np.integer],
    causes: NDArray[np.int64],
    shares: NDArray[np.float32],
) -> None:
    """Fill in the strongest of `parts` (depth x liked), which is used up."""
    rows = np.arange(len(parts))
    for rank in range(min(causes.shape[1], len(liked))):
        strongest = parts.argmax(axis=1)
        values = parts[rows, strongest]
        told = values >= LEAST_SHARE
        causes[told, rank] = liked[strongest[told]]
        shares[told, rank] = values[told]
        parts[rows, strongest] = -1.0
