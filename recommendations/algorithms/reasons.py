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

    `weighted` are the rows that ALS was asked with and `roots` what they were solved by (see
    `fold_in_rows`), `gathered` what kNN found; `factors` (shoppers x 2) what the scores of ALS and
    kNN were multiplied with, and `trend` (shoppers x depth) what recent popularity added to each
    product that is shown.
    """

    weighted: sp.csr_matrix
    roots: NDArray[np.float64]
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
    shoppers, depth = best.shape
    causes = np.full((shoppers, most, depth), -1, dtype=np.int64)
    shares = np.zeros((shoppers, most, depth), dtype=np.float32)
    if best.size and most:
        scratch = _Scratch.of(model, evidence)
        whole = np.zeros((shoppers, 1, depth), dtype=np.float32)
        for row in np.flatnonzero(np.diff(evidence.weighted.indptr) > 0).tolist():
            parts = _parts_of_als(model, evidence, best[row], scratch.inverses[row], row)
            _add_neighbours(parts, evidence, best[row], scratch, row)
            np.maximum(parts, 0.0, out=parts)
            parts.sum(axis=1, out=whole[row, 0])
            _strongest(parts, causes[row], shares[row])
        whole += np.maximum(evidence.trend, 0.0)[:, None]
        shares /= np.where(whole > 0, whole, 1.0)
        _name(causes, evidence.weighted, (shares >= LEAST_SHARE) & shown[:, None], shares)
    return causes.transpose(0, 2, 1), shares.transpose(0, 2, 1)


@dataclass(frozen=True, slots=True)
class _Scratch:
    """What a block's shoppers have in common.

    `inverses` are those of their systems; `marks` and `places` (products,) false and anything.
    """

    inverses: NDArray[np.float32]
    marks: NDArray[np.bool_]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, model: Model, evidence: Evidence) -> "_Scratch":
        roots, products = evidence.roots.astype(np.float32), model.similarity.shape[0]
        marks, places = np.zeros(products, dtype=bool), np.empty(products, dtype=np.int64)
        return cls(roots.transpose(0, 2, 1) @ roots, marks, places)


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
    scratch: _Scratch,
    row: int,
) -> None:
    """Add what kNN has in the scores of `best`."""
    gathered, weighted = evidence.gathered, evidence.weighted
    liked = weighted.indices[weighted.indptr[row] : weighted.indptr[row + 1]]
    own = slice(gathered.bounds[row], gathered.bounds[row + 1])
    pointers = gathered.spoken.indptr[own.start : own.stop + 1]
    products = gathered.spoken.indices[pointers[0] : pointers[-1]]
    scratch.marks[best] = True
    hit = np.flatnonzero(scratch.marks.take(products))
    scratch.marks[best] = False
    scratch.places[best] = np.arange(0, parts.size, len(liked))
    # What kNN is asked with is a part of what ALS is, and both are in the order of columns.
    asked = np.searchsorted(liked, gathered.taken[own])
    columns = np.repeat(asked, np.diff(np.searchsorted(hit, pointers - pointers[0])))
    # A pair of products occurs once, so nothing is added twice.
    flat = scratch.places.take(products.take(hit)) + columns
    values = gathered.spoken.data.take(hit + pointers[0]) * evidence.factors[row, 1]
    parts.reshape(-1)[flat] += values


def _strongest(
    parts: NDArray[np.float32], columns: NDArray[np.int64], values: NDArray[np.float32]
) -> None:
    """Fill in where the strongest of `parts` (depth x liked), which is used up, are, and they."""
    liked = parts.shape[1]
    starts = np.arange(0, parts.size, liked)
    for rank in range(min(len(columns), liked)):
        strongest = parts.argmax(axis=1)
        places = starts + strongest
        columns[rank] = strongest
        parts.take(places, out=values[rank])
        parts.put(places, -1.0)


def _name(
    causes: NDArray[np.int64],
    weighted: sp.csr_matrix,
    told: NDArray[np.bool_],
    shares: NDArray[np.float32],
) -> None:
    """Put products in place of the columns of what each shopper liked, and nothing where not told.

    All are (shoppers x reasons x depth).
    """
    places = (causes + weighted.indptr[:-1, None, None])[told]
    causes[~told], shares[~told] = -1, 0.0
    causes[told] = weighted.indices[places]
