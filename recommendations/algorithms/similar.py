"""Similar products: item-kNN and factor cosine, fused by reciprocal rank.

kNN is exact about what went together but silent on rare products; factors know of every product.
Fusion: Cormack, Clarke & Buettcher (2009), "Reciprocal Rank Fusion", with its k of 60.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.blend import Model
from recommendations.algorithms.ranking import top_k
from recommendations.algorithms.threads import map_in_order

BATCH = 128
RRF_K = 60
# kNN is what "bought together" means; factors break its ties and fill its gaps.
FACTOR_WEIGHT = 0.5


def rank_similar(
    model: Model, depth: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """For each product in turn: at most `depth` products like it, best first, and scores."""
    factors = model.factors.factors
    norms = np.linalg.norm(factors, axis=1, keepdims=True)
    units = factors / np.where(norms > 0, norms, 1.0)

    def work(start: int) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        rows = np.arange(start, min(start + BATCH, len(units)))
        cosines = (units[rows] @ units.T).astype(np.float32, copy=False)
        cosines[rows - start, rows] = -np.inf
        by_factors = top_k(cosines, depth)
        alike = np.take_along_axis(cosines, by_factors, axis=1) > 0
        return [
            _fuse(_neighbours(model.similarity, product, depth), best[positive], depth)
            for product, best, positive in zip(rows.tolist(), by_factors, alike, strict=True)
        ]

    starts = range(0, len(units), BATCH)
    for block in map_in_order(work, starts, model.settings.als.threads):
        yield from block


def _neighbours(similarity: sp.csr_matrix, product: int, depth: int) -> NDArray[np.int64]:
    """The `depth` products that most went together with `product`, best first."""
    own = slice(similarity.indptr[product], similarity.indptr[product + 1])
    values, columns = similarity.data[own], similarity.indices[own].astype(np.int64)
    others = (values > 0) & (columns != product)
    order = np.argsort(-values[others], kind="stable")[:depth]
    return np.asarray(columns[others][order], dtype=np.int64)


def _fuse(
    together: NDArray[np.int64], alike: NDArray[np.int64], depth: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Σ weight / (k + rank) over both lists; equal scores in column order."""
    columns, places = np.unique(np.concatenate([together, alike]), return_inverse=True)
    scores = np.concatenate([
        1.0 / (RRF_K + np.arange(1, len(together) + 1)),
        FACTOR_WEIGHT / (RRF_K + np.arange(1, len(alike) + 1)),
    ])  # fmt: skip
    fused = np.bincount(places, weights=scores, minlength=len(columns))
    order = np.argsort(-fused, kind="stable")[:depth]
    return columns[order], fused[order].astype(np.float32)
