"""Similar products: item-kNN and factor cosine, fused by reciprocal rank.

kNN is exact about what went together but silent on rare products; factors know of every product.
Fusion: Cormack, Clarke & Buettcher (2009), "Reciprocal Rank Fusion", with its k of 60.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recommendations.algorithms.blend import BATCH, Model
from recommendations.algorithms.ranking import top_k

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
    for start in range(0, len(units), BATCH):
        block = slice(start, start + BATCH)
        cosines = (units[block] @ units.T).astype(np.float32, copy=False)
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -np.inf
        nearest: NDArray[np.float32] = np.asarray(
            model.similarity[block].todense(), dtype=np.float32
        )
        nearest[rows, start + rows] = -np.inf
        fused = _reciprocal(nearest, depth) + FACTOR_WEIGHT * _reciprocal(cosines, depth)
        best = top_k(fused, depth)
        for scores, columns in zip(np.take_along_axis(fused, best, axis=1), best, strict=True):
            yield columns[scores > 0], scores[scores > 0]


def _reciprocal(scores: NDArray[np.float32], depth: int) -> NDArray[np.float32]:
    """1 / (k + rank) for the `depth` best of each row that are positive, 0 elsewhere."""
    best = top_k(scores, depth)
    ranks = np.arange(1, best.shape[1] + 1, dtype=np.float32)
    positive = np.take_along_axis(scores, best, axis=1) > 0
    fused = np.zeros(scores.shape, dtype=np.float32)
    np.put_along_axis(fused, best, np.where(positive, 1.0 / (RRF_K + ranks), 0.0), axis=1)
    return fused
