"""The best of a dense block of scores, without sorting what is not shown."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def exclude(scores: Scores, seen: sp.csr_matrix) -> None:
    """Put -inf, in place, where `seen` (the same rows x products) has an entry."""
    rows = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr))
    scores[rows, seen.indices] = -np.inf


# Beyond so many columns the best are first looked for among the best of groups of columns.
GROUP = 16
LEAST_GROUPS = 4


def top_k(scores: Scores, k: int) -> NDArray[np.int64]:
    """Columns of the `k` best of each row, best first; equal scores in column order.

    The k best lie in the k groups with the best maxima, so that one pass over all columns finds
    the few among which to choose.
    """
    columns = scores.shape[1]
    k = min(k, columns)
    if k == 0:
        return np.zeros((scores.shape[0], 0), dtype=np.int64)
    groups = columns // GROUP
    if groups < LEAST_GROUPS * k:
        return _best_of(scores, np.broadcast_to(np.arange(columns), scores.shape), k)
    # Column c is in group c % groups: the maxima are taken over contiguous runs.
    body = scores[:, : groups * GROUP].reshape(len(scores), GROUP, groups)
    # A few more than k, so that a tie at the edge is broken by column and not by chance.
    chosen = _largest(body.max(axis=1), min(2 * k, groups))
    chosen = np.sort(chosen, axis=1)  # which makes the columns ascend, too
    found = (chosen[:, None, :] + groups * np.arange(GROUP)[None, :, None]).reshape(len(scores), -1)
    rest = np.arange(groups * GROUP, columns)
    rest = np.broadcast_to(rest, (len(scores), len(rest)))
    found = np.concatenate([found, rest], axis=1)
    return _best_of(np.take_along_axis(scores, found, axis=1), found, k)


def _largest(scores: Scores, k: int) -> NDArray[np.int64]:
    """Columns of the `k` largest of each row, in no order."""
    if k >= scores.shape[1]:
        return np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    return np.argpartition(scores, scores.shape[1] - k, axis=1)[:, -k:]


def _best_of(scores: Scores, columns: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Of `columns` (ascending), whose scores are given, the `k` best of each row, best first."""
    places = np.sort(_largest(scores, min(2 * k, scores.shape[1])), axis=1)
    order = np.argsort(-np.take_along_axis(scores, places, axis=1), axis=1, kind="stable")[:, :k]
    return np.take_along_axis(columns, np.take_along_axis(places, order, axis=1), axis=1)


def scale_to_best(scores: Scores) -> Scores:
    """Each row divided by its best; what is not positive becomes 0, what is excluded too."""
    positive = np.where(np.isfinite(scores), np.maximum(scores, 0.0), 0.0)
    best = positive.max(axis=1, keepdims=True, initial=0.0)
    return np.asarray(positive / np.where(best > 0, best, 1.0), dtype=np.float32)
