"""The best of a dense block of scores, without sorting what is not shown."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def exclude(scores: Scores, seen: sp.csr_matrix) -> None:
    """Put -inf, in place, where `seen` (the same rows x products) has an entry."""
    rows = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr))
    scores[rows, seen.indices] = -np.inf


def top_k(scores: Scores, k: int) -> NDArray[np.int64]:
    """Columns of the `k` best of each row, best first; equal scores in column order."""
    columns = scores.shape[1]
    k = min(k, columns)
    if k == 0:
        return np.zeros((scores.shape[0], 0), dtype=np.int64)
    if k < columns:
        # A few more than k, so that a tie at the edge is broken by column and not by chance.
        width = min(2 * k, columns)
        best = np.argpartition(-scores, width - 1, axis=1)[:, :width]
        best.sort(axis=1)
    else:
        best = np.broadcast_to(np.arange(columns), scores.shape)
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")[:, :k]
    return np.take_along_axis(best, order, axis=1)


def scale_to_best(scores: Scores) -> Scores:
    """Each row divided by its best; what is not positive becomes 0, what is excluded too."""
    positive = np.where(np.isfinite(scores), np.maximum(scores, 0.0), 0.0)
    best = positive.max(axis=1, keepdims=True, initial=0.0)
    return np.asarray(positive / np.where(best > 0, best, 1.0), dtype=np.float32)
