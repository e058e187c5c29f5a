"""Lists for many shoppers at once: score in blocks, keep the best, say why.

Blocks are small enough for a processor's cache, and several are worked on at a time: nearly all
of the time is spent in BLAS and compiled loops, which let other threads run.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.als import fold_in_rows
from recommendations.algorithms.blend import Model
from recommendations.algorithms.item_knn import knn_queries
from recommendations.algorithms.ranked_rows import (
    Best,
    Shop,
    Shoppers,
    make_room,
    rank_rows,
)
from recommendations.algorithms.ranking import Scores
from recommendations.algorithms.reasons import Evidence, explain
from recommendations.algorithms.sparse_rows import as_rows
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
        recent = model.recent_popularity
        self.shop = Shop(
            recent.astype(np.float32), np.argsort(-recent, kind="stable"),
            np.array(model.settings.blend, dtype=np.float32),
        )  # fmt: skip
        self.room = make_room(len(recent))
        self._scores = np.empty((BLOCK, len(recent)), dtype=np.float32)

    def scores(self, rows: int) -> Scores:
        """Room for scores of so many shoppers."""
        return self._scores[:rows]


def _rank_block(
    model: Model, rows: sp.csr_matrix, seen: sp.csr_matrix, depth: int, desk: _Desk
) -> Rankings:
    rows = rows * model.unit
    weighted = model.bm25.weigh(rows) * model.scale
    users, roots = fold_in_rows(model.factors, weighted)
    scores, shape = desk.scores(len(users)), (len(users), min(depth, len(desk.shop.recent)))
    np.matmul(users.astype(np.float32), model.factors.factors.T, out=scores)
    asked = knn_queries(rows, model.settings.knn)
    spoken = model.kinship[asked.indices]
    shoppers = Shoppers(as_rows(asked), as_rows(spoken), as_rows(seen))
    best = Best(
        np.empty(shape, np.int64),
        np.empty(shape, np.float32),
        np.empty((len(users), 3), np.float32),
    )
    rank_rows(desk.shop, shoppers, scores, best, desk.room)
    told = explain(model, desk.shop.recent, Evidence(weighted, roots, shoppers, best))
    return Rankings(best.columns, best.scores, told.causes, told.shares, users)
