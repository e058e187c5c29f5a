"""Lists for many shoppers at once: score in blocks, keep the best, say why.

Blocks are small enough for a processor's cache, and several are worked on at a time: nearly all
of the time is spent in numpy and BLAS, which let other threads run.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.als import fold_in_rows
from recommendations.algorithms.blend import Model
from recommendations.algorithms.item_knn import gather_neighbours, knn_queries
from recommendations.algorithms.ranking import Scores, top_k
from recommendations.algorithms.reasons import Evidence, explain
from recommendations.algorithms.threads import map_in_order

BLOCK = 24


@dataclass(frozen=True, slots=True)
class Rankings:
    """Products for a block of shoppers, best first; n shoppers, at most d products, r reasons.

    `products` (n x d) is -1 where a list ends early. `causes` (n x e x r) name past products
    behind the first e, -1 where there are fewer, with `shares` of all that speaks for each.
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
    """One shopper's list; `reasons` name past products and their shares, for the first ones."""

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
    desk = _Desk(model)

    def work(start: int) -> Rankings:
        rows = slice(start, start + BLOCK)
        return _rank_block(model, user_items[rows], seen[rows], depth, desk)

    starts = range(0, user_items.shape[0], BLOCK)
    yield from map_in_order(work, starts, model.settings.als.threads)


class _Desk(threading.local):
    """What each thread needs for every block, made once.

    Memory that is asked for anew is given back and cleared by the system each time, which would
    take a fifth of the ranking.
    """

    def __init__(self, model: Model) -> None:
        products = len(model.recent_popularity)
        self.order = np.argsort(-model.recent_popularity, kind="stable")
        self.recent = model.recent_popularity.astype(np.float32)
        self._dense = np.empty((2, BLOCK, products), dtype=np.float32)

    def dense(self, rows: int) -> tuple[Scores, Scores]:
        """Room for scores of so many shoppers by ALS and by kNN."""
        return self._dense[0, :rows], self._dense[1, :rows]


def _rank_block(
    model: Model, rows: sp.csr_matrix, seen: sp.csr_matrix, depth: int, desk: _Desk
) -> Rankings:
    rows = rows * model.unit
    weighted = model.bm25.weigh(rows) * model.scale
    users, roots = fold_in_rows(model.factors, weighted)
    gathered = gather_neighbours(model.kinship, knn_queries(rows, model.settings.knn))
    (scores, together), recent = desk.dense(rows.shape[0]), desk.recent
    np.matmul(users.astype(np.float32), model.factors.factors.T, out=scores)
    gathered.scores(together)
    newest = _best_recent(recent, seen, desk.order)
    factors = _blend(model, (scores, together, recent), seen, newest)
    best = top_k(scores, depth)
    top = np.take_along_axis(scores, best, axis=1)
    shown = top > 0
    products = np.where(shown, best, -1)
    first = best[:, : model.settings.explained]
    trend = recent[first] * factors[:, 2:]
    evidence = Evidence(weighted, roots, gathered, factors[:, :2], trend)
    causes, shares = explain(model, evidence, first, shown[:, : first.shape[1]])
    return Rankings(products, np.where(shown, top, 0.0), causes, shares, users)


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


def _blend(
    model: Model, legs: tuple[Scores, Scores, Scores], seen: sp.csr_matrix, newest: Scores
) -> NDArray[np.float32]:
    """Put the blend in place of ALS's scores, -inf for what is seen; what each leg was scaled with.

    `legs` are ALS and kNN (shoppers x products) and recent popularity (products,), whose best for
    each shopper is `newest`. A row at a time stays in the processor's cache.
    """
    als, knn, recent = legs
    factors = np.zeros((len(als), 3), dtype=np.float32)
    trend = np.empty_like(recent)
    for row in range(len(als)):
        scores, together = als[row], knn[row]
        hidden = seen.indices[seen.indptr[row] : seen.indptr[row + 1]]
        scores[hidden] = together[hidden] = 0.0
        bests = (scores.max(initial=0.0), together.max(initial=0.0), newest[row])
        factors[row] = [*map(_factor, model.settings.blend, bests)]
        np.maximum(scores, 0.0, out=scores)
        np.multiply(scores, factors[row, 0], out=scores)
        np.add(scores, np.multiply(together, factors[row, 1], out=together), out=scores)
        np.add(scores, np.multiply(recent, factors[row, 2], out=trend), out=scores)
        scores[hidden] = -np.inf
    return factors


def _factor(weight: float, best: np.float32) -> float:
    """What a leg's scores are multiplied with: its weight to its best."""
    return weight / float(best) if best > 0 else 0.0
