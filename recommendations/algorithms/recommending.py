"""Lists for many shoppers at once: score in blocks, keep the best, say why.

Blocks are small enough for a processor's cache, and several are worked on at a time: nearly all
of the time is spent in numpy and BLAS, which let other threads run.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from os import sched_getaffinity

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.als import fold_in_rows
from recommendations.algorithms.blend import Model
from recommendations.algorithms.item_knn import gather_neighbours, knn_queries
from recommendations.algorithms.ranking import Scores, exclude, top_k
from recommendations.algorithms.reasons import Evidence, explain
from recommendations.algorithms.threads import single_threaded

BLOCK = 64
# Fewer blocks than these are done sooner by one thread than handed to several.
LEAST_FOR_THREADS = 16


@dataclass(frozen=True, slots=True)
class Rankings:
    """Products for a block of shoppers, best first; n shoppers, at most d products, r reasons.

    `products` (n x d) is -1 where a list ends early. `causes` (n x d x r) name past products, -1
    where there are fewer, with their `shares` of all that speaks for the recommended one.
    """

    products: NDArray[np.int64]
    scores: NDArray[np.float32]
    causes: NDArray[np.int64]
    shares: NDArray[np.float32]
    factors: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.products)


@dataclass(frozen=True, slots=True)
class Ranking:
    """One shopper's list; `reasons` name past products and their shares."""

    products: NDArray[np.int64]
    scores: NDArray[np.float32]
    reasons: Sequence[Sequence[tuple[int, float]]]
    factors: NDArray[np.float64]


def recommend(
    model: Model, user_items: sp.csr_matrix, seen: sp.csr_matrix, depth: int
) -> Iterator[Ranking]:
    """Rankings of at most `depth` products per row of `user_items`, none of them in `seen`."""
    for block in recommend_blocks(model, user_items, seen, depth):
        for row in range(len(block)):
            length = int((block.products[row] >= 0).sum())
            reasons = [
                [(cause, share) for cause, share in zip(causes, shares, strict=True) if cause >= 0]
                for causes, shares in zip(
                    block.causes[row, :length].tolist(),
                    block.shares[row, :length].astype(float).round(4).tolist(),
                    strict=True,
                )
            ]
            yield Ranking(
                block.products[row, :length], block.scores[row, :length], reasons,
                block.factors[row],
            )  # fmt: skip


def recommend_blocks(
    model: Model, user_items: sp.csr_matrix, seen: sp.csr_matrix, depth: int
) -> Iterator[Rankings]:
    """The same in blocks of BLOCK rows, in order.

    Memory is bounded by threads x BLOCK x products, whatever the number of rows.
    """
    starts = range(0, user_items.shape[0], BLOCK)
    threads = min(model.settings.als.threads or len(sched_getaffinity(0)), len(starts))
    order = np.argsort(-model.recent_popularity, kind="stable")

    def work(start: int) -> Rankings:
        rows = slice(start, start + BLOCK)
        return _rank_block(model, user_items[rows], seen[rows], depth, order)

    with single_threaded():
        if threads <= 1 or len(starts) < LEAST_FOR_THREADS:
            yield from map(work, starts)
            return
        with ThreadPoolExecutor(threads) as pool:
            yield from _in_order(pool, work, starts, ahead=2 * threads)


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[int], Rankings], starts: Iterable[int], ahead: int
) -> Iterator[Rankings]:
    pending: deque[Future[Rankings]] = deque()
    for start in starts:
        pending.append(pool.submit(work, start))
        if len(pending) >= ahead:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _rank_block(
    model: Model,
    rows: sp.csr_matrix,
    seen: sp.csr_matrix,
    depth: int,
    order: NDArray[np.int64],
) -> Rankings:
    rows = rows * model.unit
    weighted = model.bm25.weigh(rows) * model.scale
    users, systems = fold_in_rows(model.factors, weighted)
    queries = knn_queries(rows, model.settings.knn)
    als = users.astype(np.float32) @ model.factors.factors.T
    gathered = list(gather_neighbours(model.similarity, queries))
    knn = np.empty(als.shape, dtype=np.float32)
    for row, found in enumerate(gathered):
        knn[row] = found.scores(als.shape[1])
    hidden = (np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr)), seen.indices)
    recent = model.recent_popularity.astype(np.float32)
    by_als, by_knn, by_recent = model.settings.blend
    factors = (
        _factor(by_als, _best(als, hidden)),
        _factor(by_knn, _best(knn, hidden)),
        _factor(by_recent, _best_recent(recent, seen, order)),
    )
    scores = _blend(als, knn, recent, factors)
    exclude(scores, seen)
    best = top_k(scores, depth)
    top = np.take_along_axis(scores, best, axis=1)
    shown = top > 0
    products = np.where(shown, best, -1)
    trend = recent[best] * factors[2][:, None]
    evidence = Evidence(weighted, systems, gathered, factors[:2], trend)
    causes, shares = explain(model, evidence, best, shown)
    return Rankings(products, np.where(shown, top, 0.0), causes, shares, users)


def _best(scores: Scores, hidden: tuple[NDArray[np.integer], NDArray[np.integer]]) -> Scores:
    """Each row's best of what is not hidden, 0 where nothing is positive; hides, and clips at 0."""
    scores[hidden] = 0.0
    np.maximum(scores, 0.0, out=scores)
    return np.asarray(scores.max(axis=1, initial=0.0))


def _best_recent(recent: Scores, seen: sp.csr_matrix, order: NDArray[np.int64]) -> Scores:
    """For each row the greatest of `recent` that is not in `seen`; `order` sorts it falling."""
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    best = np.zeros(seen.shape[0], dtype=np.float32)
    for row in range(seen.shape[0]):
        taken = np.sort(places[seen.indices[seen.indptr[row] : seen.indptr[row + 1]]])
        gaps = np.flatnonzero(taken != np.arange(len(taken)))
        first = int(gaps[0]) if len(gaps) else len(taken)
        if first < len(order):
            best[row] = recent[order[first]]
    return best


def _factor(weight: float, best: Scores) -> Scores:
    """What a leg's scores are multiplied with: its weight to its best."""
    return np.asarray(weight / np.where(best > 0, best, np.inf), dtype=np.float32)


def _blend(als: Scores, knn: Scores, recent: Scores, factors: tuple[Scores, ...]) -> Scores:
    """The weighted sum, in place of `als`."""
    als *= factors[0][:, None]
    knn *= factors[1][:, None]
    als += knn
    als += np.multiply.outer(factors[2], recent)
    return als
