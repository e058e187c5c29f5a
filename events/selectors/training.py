"""Read everybody's interactions as arrays, through COPY, for training."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection
from psycopg import Copy
from psycopg.abc import Buffer

from events.models import EventType
from events.selectors.attribution import ATTRIBUTED, CUSTOMER, VISITOR, learnt_from

TYPE_CODES: dict[str, int] = {str(kind): code for code, kind in enumerate(EventType)}
TRAINING_TYPES: tuple[str, ...] = (
    EventType.VIEW,
    EventType.CLICK,
    EventType.ADD_TO_CART,
    EventType.REMOVE_FROM_CART,
    EventType.PURCHASE,
    EventType.RETURN,
    EventType.NOT_INTERESTED,
)

# A type's first letter and length tell it from all others, and take the database a fraction of what
# looking it up in a list would.
_LETTER = 32
_KINDS = {ord(name[0]) * _LETTER + len(name): code for name, code in TYPE_CODES.items()}
_KIND_CODES = np.full(max(_KINDS) + 1, -1, dtype=np.int8)
_KIND_CODES[list(_KINDS)] = list(_KINDS.values())

_INTERACTIONS = f"""
COPY (
  SELECT e.product_id, ascii(e.type) * {_LETTER} + octet_length(e.type), e.occurred_at,
    coalesce(e.quantity, 1), {CUSTOMER}, {VISITOR}
  FROM events_event AS e
  {ATTRIBUTED}
  WHERE e.occurred_at >= %s AND e.occurred_at < %s AND e.type = ANY(%s)
    AND e.product_id IS NOT NULL AND {{learnt_from}}
) TO STDOUT (FORMAT binary)
"""  # noqa: S608 - put together from constants

# A row in PostgreSQL's binary COPY format. Either customer or visitor is null, a length of -1 and
# nothing else, so that the width of a row tells which; all of a width can be read as they lie.
# https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY
_FIELDS: list[tuple[str, str]] = [
    ("fields", ">i2"),
    ("product_length", ">i4"), ("product", ">i8"),
    ("kind_length", ">i4"), ("kind", ">i4"),
    ("time_length", ">i4"), ("time", ">i8"),
    ("quantity_length", ">i4"), ("quantity", ">i4"),
]  # fmt: skip
_BY_CUSTOMER = np.dtype(
    [*_FIELDS, ("shopper_length", ">i4"), ("shopper", ">i8"), ("visitor_length", ">i4")]
)
_BY_VISITOR = np.dtype(
    [*_FIELDS, ("customer_length", ">i4"), ("shopper_length", ">i4"), ("shopper", "V16")]
)
_HEADER_BYTES = 19
_POSTGRES_EPOCH = 946_684_800  # 2000-01-01, seconds since 1970
_BLOCK_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class TrainingInteractions:
    """Interactions as parallel arrays of n rows, in no particular order.

    `shoppers` holds row numbers: below `len(customer_ids)` they index that array, the rest, less
    that length, index `visitor_ids`. A visitor whom a link claims counts as the customer. Bots, and
    whoever allows no personal profile, are not among them.
    """

    product_ids: npt.NDArray[np.int64]  # (n,)
    shoppers: npt.NDArray[np.int64]  # (n,)
    types: npt.NDArray[np.int8]  # (n,), see TYPE_CODES
    occurred_at: npt.NDArray[np.float64]  # (n,), seconds since 1970, UTC
    quantities: npt.NDArray[np.int32]  # (n,), 1 where it was not told
    customer_ids: npt.NDArray[np.int64]  # (c,), ascending
    visitor_ids: list[UUID]  # v

    def __len__(self) -> int:
        return len(self.product_ids)


def training_interactions(
    start: datetime, end: datetime, *, types: Sequence[str] = TRAINING_TYPES
) -> TrainingInteractions:
    """Interactions with products from `start` to before `end`, in one statement.

    About 46 bytes a row at most, 30 for customers alone: rows are packed as they come in.
    """
    packed: dict[np.dtype[np.void], list[tuple[npt.NDArray[Any], ...]]]
    packed = {kind: [_pack(np.empty(0, kind))] for kind in (_BY_CUSTOMER, _BY_VISITOR)}
    for block in _blocks(start, end, types):
        packed[block.dtype].append(_pack(block))
    *columns, shoppers = zip(*packed.pop(_BY_CUSTOMER), strict=True)
    *others, visitors = zip(*packed.pop(_BY_VISITOR), strict=True)
    customer_ids, customer_numbers = number_ids(np.concatenate(shoppers))
    visitor_ids, visitor_numbers = _unique_uuids(np.concatenate(visitors))
    products, kinds, times, quantities = (
        np.concatenate([*column, *other]) for column, other in zip(columns, others, strict=True)
    )
    return TrainingInteractions(
        product_ids=products,
        shoppers=np.concatenate([customer_numbers, visitor_numbers + len(customer_ids)]),
        types=kinds,
        occurred_at=times,
        quantities=quantities,
        customer_ids=customer_ids,
        visitor_ids=visitor_ids,
    )


def _pack(rows: npt.NDArray[np.void]) -> tuple[npt.NDArray[Any], ...]:
    """The columns of a block, in this machine's byte order; the shoppers' ids come last."""
    shoppers = rows["shopper"]
    return (
        rows["product"].astype(np.int64),
        _KIND_CODES[rows["kind"]],
        rows["time"].astype(np.float64) / 1e6 + _POSTGRES_EPOCH,
        rows["quantity"].astype(np.int32),
        shoppers.astype(np.int64) if rows.dtype == _BY_CUSTOMER else shoppers.copy(),
    )


def _blocks(start: datetime, end: datetime, types: Sequence[str]) -> Iterator[npt.NDArray[np.void]]:
    """Rows by customers and by visitors, each block of either kind."""
    parameters = [start, end, [str(kind) for kind in types]]
    pending = {kind.itemsize: (kind, bytearray()) for kind in (_BY_CUSTOMER, _BY_VISITOR)}
    statement = _INTERACTIONS.format(learnt_from=learnt_from())
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        for data in _rows(copy):
            kind, rows = pending[len(data)]
            rows += data
            if len(rows) >= _BLOCK_BYTES:
                yield np.frombuffer(bytes(rows), kind)
                rows.clear()
    for kind, rows in pending.values():
        yield np.frombuffer(bytes(rows), kind)


def _rows(copy: Copy) -> Iterator[Buffer]:
    """What the server sends, a row at a time.

    psycopg waits for each message anew; what has arrived already is taken from libpq itself, which
    halves the time. The end is left to psycopg, which sees to what comes after it.
    """
    take = copy.connection.pgconn.get_copy_data
    skipped = _HEADER_BYTES  # which come with the first row
    while data := copy.read():
        data = data[skipped:]
        skipped, length = 0, len(data)
        # Shorter than a row is the trailer alone. Nothing, for now, or an error: psycopg's to see.
        while length >= _BY_CUSTOMER.itemsize:
            yield data
            length, data = take(1)


def number_ids(
    ids: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The distinct `ids` (n,), ascending, and the number of each one's (n,).

    Keys that a sequence gave are dense: a table of them takes one pass, where np.unique sorts.
    """
    if not len(ids) or ids.min() < 0 or ids.max() > 16 * len(ids) + 1_000_000:
        distinct, numbers = np.unique(ids, return_inverse=True)
        return distinct, numbers.astype(np.int64)
    known = np.zeros(int(ids.max()) + 1, dtype=bool)
    known[ids] = True
    distinct = np.flatnonzero(known)
    numbers = np.empty(len(known), dtype=np.int64)
    numbers[distinct] = np.arange(len(distinct))
    return distinct, numbers[ids]


def _unique_uuids(values: npt.NDArray[np.void]) -> tuple[list[UUID], npt.NDArray[np.int64]]:
    """The distinct ids of `values` (n,), ascending, and the number of each value's id (n,).

    As two integers 16 bytes sort several times faster than np.unique sorts them whole.
    """
    halves = np.frombuffer(values.tobytes(), ">u8").reshape(-1, 2).astype(np.uint64)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    ascending = halves[order]
    first = np.ones(len(values), bool)
    first[1:] = (ascending[1:] != ascending[:-1]).any(axis=1)
    numbers = np.empty(len(values), np.int64)
    numbers[order] = np.cumsum(first) - 1
    return [UUID(bytes=values[place].tobytes()) for place in order[first]], numbers
