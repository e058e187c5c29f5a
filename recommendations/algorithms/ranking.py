"""The best of a dense block of scores, without sorting what is not shown."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def exclude(scores: Scores, seen: sp.csr_matrix) -> None:
    """Put -inf, in place, where `seen` (the same rows x products) has an entry."""
    rows = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr))
    scores[rows, seen.indices] = -np.inf


# So many columns are looked at together, where there are enough of such groups.
GROUP = 16
LEAST_GROUPS = 4


def top_k(scores: Scores, k: int) -> NDArray[np.int64]:
    """Columns of the `k` best of each row, best first; equal scores in column order.

    The k-th best of the maxima of groups of columns is a bound that k columns reach at least, and
    mostly few more: only these are sorted.
    """
    rows, columns = scores.shape
    k = min(k, columns)
    best = np.zeros((rows, k), dtype=np.int64)
    if k == 0:
        return best
    bounds = _bounds(scores, k)
    for row in range(rows):
        found = _reaching(scores[row], bounds[row], k)
        order = np.argsort(-scores[row].take(found), kind="stable")[:k]
        best[row] = found.take(order)
    return best


def _bounds(scores: Scores, k: int) -> Scores:
    """For each row a score that at least `k` of its columns reach (rows,)."""
    rows, columns = scores.shape
    groups = columns // GROUP
    if groups >= LEAST_GROUPS * k:
        # Column c is in group c % groups: the maxima are taken over contiguous runs.
        scores = scores[:, : groups * GROUP].reshape(rows, GROUP, groups).max(axis=1)
    place = scores.shape[1] - k
    return np.asarray(np.partition(scores, place, axis=1)[:, place])


def _reaching(scores: Scores, bound: np.float32, k: int) -> NDArray[np.int64]:
    """Columns with at least `bound`, ascending; of those that equal it, `k` at most."""
    found = np.flatnonzero(scores >= bound)
    if len(found) <= GROUP * k:
        return found
    above, equal = np.flatnonzero(scores > bound), np.flatnonzero(scores == bound)
    return np.sort(np.concatenate([above, equal[:k]]))


def scale_to_best(scores: Scores) -> Scores:
    """Each row divided by its best; what is not positive becomes 0, what is excluded too."""
    positive = np.where(np.isfinite(scores), np.maximum(scores, 0.0), 0.0)
    best = positive.max(axis=1, keepdims=True, initial=0.0)
    return np.asarray(positive / np.where(best > 0, best, 1.0), dtype=np.float32)
