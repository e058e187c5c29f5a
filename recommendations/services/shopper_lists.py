"""Write every shopper's ranked list, as lines of COPY, block by block."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import orjson
import scipy.sparse as sp
from django.db import connection
from numpy.typing import NDArray

from recommendations.algorithms.blend import Model
from recommendations.algorithms.recommending import Rankings, recommend_blocks
from recommendations.services.lists import (
    DEPTH,
    Reporter,
    Shopper,
    ShopperRows,
    find_bought,
    name_columns,
)

_LIST = ("product_ids", "scores", "reasons")
_COPIES = {
    who: f"COPY recommendations_{who}recommendations (run_id, {who}_id, {', '.join(_LIST)}) "
    "FROM STDIN"
    for who in ("customer", "visitor")
} | {"factors": "COPY recommendations_customerfactors (run_id, customer_id, vector) FROM STDIN"}


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
        lines = _Lines(self.run_id, self.product_ids, _names(self.product_ids))
        done = 0
        for block in recommend_blocks(self.model, user_items, seen, self.depth):
            lines.add(shoppers[done : done + len(block)], block)
            done += len(block)
            report(len(block))
        lines.flush()
        return done


def _names(product_ids: NDArray[np.int64]) -> NDArray[np.object_]:
    """The merchant's ids of `product_ids`; None for those that are gone, and at last for -1."""
    known = name_columns(product_ids, np.arange(len(product_ids)))
    names = np.empty(len(product_ids) + 1, dtype=object)
    names[list(known)] = list(known.values())
    return names


class _Lines:
    """Rows as lines of COPY's text form, sent from time to time: little is held at once."""

    MOST = 2_000

    def __init__(
        self, run_id: int, product_ids: NDArray[np.int64], names: NDArray[np.object_]
    ) -> None:
        self._run = str(run_id).encode()
        self._product_ids, self._names = product_ids, names
        self._lines: dict[str, list[bytes]] = {name: [] for name in _COPIES}

    def add(self, shoppers: Sequence[Shopper], block: Rankings) -> None:
        """The rows of a block of shoppers."""
        scores = block.scores.astype(np.float64).round(6)
        shares = block.shares.astype(np.float64).round(4).tolist()
        causes = self._names[block.causes].tolist()
        lengths = (block.products >= 0).sum(axis=1).tolist()
        ids, vectors = self._product_ids[block.products], block.factors.astype(np.float32)
        for row, (shopper, length) in enumerate(zip(shoppers, lengths, strict=True)):
            key = str(shopper).encode()
            reasons = [
                [[name, share] for name, share in zip(*pair, strict=True) if name is not None]
                for pair in zip(causes[row][:length], shares[row][:length], strict=True)
            ]
            text = orjson.dumps(reasons).replace(b"\\", b"\\\\")
            values = (self._run, key, _array(ids[row, :length]), _array(scores[row, :length]), text)
            table = "visitor" if isinstance(shopper, UUID) else "customer"
            self._lines[table].append(b"\t".join(values))
            if table == "customer":
                vector = orjson.dumps(vectors[row], option=orjson.OPT_SERIALIZE_NUMPY)
                self._lines["factors"].append(b"\t".join((self._run, key, vector)))
        if max(map(len, self._lines.values())) >= self.MOST:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        for name, lines in self._lines.items():
            if lines:
                with connection.cursor() as cursor, cursor.copy(_COPIES[name]) as copy:
                    copy.write(b"\n".join(lines) + b"\n")
                lines.clear()


def _array(values: NDArray[Any]) -> bytes:
    """PostgreSQL's text form of an array of numbers."""
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    return b"{" + text[1:-1] + b"}"
