"""Write every shopper's ranked list through binary COPY, block by block."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.blend import Model
from recommendations.algorithms.recommending import Rankings, recommend_blocks
from recommendations.services.binary_copy import (
    array_fields,
    copy_binary,
    key_field,
    row,
    text_field,
    vector_fields,
)
from recommendations.services.lists import (
    DEPTH,
    Reporter,
    Shopper,
    ShopperRows,
    find_bought,
    name_columns,
)
from recommendations.services.reason_texts import ReasonTexts

_LIST = ("product_ids", "scores", "reasons")
_COLUMNS = {
    "customer": ("recommendations_customerrecommendations", ("run_id", "customer_id", *_LIST)),
    "visitor": ("recommendations_visitorrecommendations", ("run_id", "visitor_id", *_LIST)),
    "factors": ("recommendations_customerfactors", ("run_id", "customer_id", "vector")),
}


@dataclass(frozen=True, slots=True)
class ShopperLists:
    """What lists are written from, and how.

    `since` is where the window of `rows` begins, None where it holds all of history.
    """

    run_id: int
    model: Model
    product_ids: NDArray[np.int64]
    rows: ShopperRows
    since: datetime | None = None
    depth: int = DEPTH

    def write(self, report: Reporter) -> int:
        """Write every shopper's list and factors; how many lists there were."""
        chosen = np.flatnonzero(self.rows.has_taste())
        shoppers = [self.rows.shoppers[index] for index in chosen.tolist()]
        user_items, seen = self.rows.user_items[chosen], self.rows.seen[chosen]
        if self.since is not None:
            seen = sp.csr_matrix(seen + find_bought(shoppers, self.product_ids))
        rows = _Rows(self.run_id, self.product_ids, _names(self.product_ids))
        done = 0
        for block in recommend_blocks(self.model, user_items, seen, self.depth):
            rows.add(shoppers[done : done + len(block)], block)
            done += len(block)
            report(len(block))
        rows.flush()
        return done


def _names(product_ids: NDArray[np.int64]) -> NDArray[np.object_]:
    """The merchant's ids of `product_ids`; None for those that are gone, and at last for -1."""
    known = name_columns(product_ids, np.arange(len(product_ids)))
    names = np.empty(len(product_ids) + 1, dtype=object)
    names[list(known)] = list(known.values())
    return names


class _Rows:
    """Rows in COPY's binary form, sent from time to time: little is held at once."""

    MOST = 2_000

    def __init__(
        self, run_id: int, product_ids: NDArray[np.int64], names: NDArray[np.object_]
    ) -> None:
        self._run = key_field(run_id)
        self._product_ids, self._reasons = product_ids, ReasonTexts(names)
        self._rows: dict[str, list[bytes]] = {name: [] for name in _COLUMNS}

    def add(self, shoppers: Sequence[Shopper], block: Rankings) -> None:
        """The rows of a block of shoppers."""
        shown = block.products >= 0
        lengths = shown.sum(axis=1)
        pointers = np.concatenate([[0], np.cumsum(lengths)])
        fields = zip(
            shoppers,
            array_fields(self._product_ids[block.products[shown]], pointers),
            array_fields(block.scores[shown].astype(np.float64).round(6), pointers),
            self._reasons.documents(block.causes, block.shares, lengths),
            vector_fields(block.factors.astype(np.float32), ">f2"),
            strict=True,
        )
        for shopper, ids, scores, reasons, vector in fields:
            key = key_field(shopper)
            table = "visitor" if isinstance(shopper, UUID) else "customer"
            self._rows[table].append(row(self._run, key, ids, scores, text_field(reasons)))
            if table == "customer":
                self._rows["factors"].append(row(self._run, key, vector))
        if max(map(len, self._rows.values())) >= self.MOST:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        for name, rows in self._rows.items():
            if rows:
                copy_binary(*_COLUMNS[name], rows)
                rows.clear()
