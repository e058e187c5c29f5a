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

_INTERACTIONS = f"""
COPY (
  SELECT e.product_id, coalesce({CUSTOMER}, 0::bigint),
    coalesce({VISITOR}, '00000000-0000-0000-0000-000000000000'::uuid),
    (array_position(%s::text[], e.type::text) - 1)::smallint, e.occurred_at,
    coalesce(e.quantity, 1)
  FROM events_event AS e
  {ATTRIBUTED}
  WHERE e.occurred_at >= %s AND e.occurred_at < %s AND e.type = ANY(%s)
    AND e.product_id IS NOT NULL AND {{learnt_from}}
) TO STDOUT (FORMAT binary)
"""  # noqa: S608 - put together from constants

# A row in PostgreSQL's binary COPY format: no value is null and each has a fixed width, so rows
# can be read as they lie. https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY
_ROW = np.dtype([
    ("fields", ">i2"),
    ("product_length", ">i4"), ("product", ">i8"),
    ("customer_length", ">i4"), ("customer", ">i8"),
    ("visitor_length", ">i4"), ("visitor", "V16"),
    ("type_length", ">i4"), ("type", ">i2"),
    ("time_length", ">i4"), ("time", ">i8"),
    ("quantity_length", ">i4"), ("quantity", ">i4"),
])  # fmt: skip
_HEADER_BYTES = 19
_TRAILER_BYTES = 2
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
    packed = [_pack(block) for block in _blocks(start, end, types)]
    columns = [np.concatenate(column) for column in zip(*packed, strict=True)]
    del packed
    products, customers, kinds, times, quantities, visitors = columns
    shoppers, customer_ids, visitor_ids = _number_shoppers(customers, visitors)
    return TrainingInteractions(
        product_ids=products,
        shoppers=shoppers,
        types=kinds,
        occurred_at=times,
        quantities=quantities,
        customer_ids=customer_ids,
        visitor_ids=visitor_ids,
    )


def _pack(rows: npt.NDArray[np.void]) -> tuple[npt.NDArray[Any], ...]:
    """The columns of a block, in this machine's byte order; visitors of unnamed rows alone."""
    return (
        rows["product"].astype(np.int64),
        rows["customer"].astype(np.int64),
        rows["type"].astype(np.int8),
        rows["time"].astype(np.float64) / 1e6 + _POSTGRES_EPOCH,
        rows["quantity"].astype(np.int32),
        rows["visitor"][rows["customer"] == 0],
    )


def _blocks(start: datetime, end: datetime, types: Sequence[str]) -> Iterator[npt.NDArray[np.void]]:
    parameters = [list(TYPE_CODES), start, end, [str(kind) for kind in types]]
    pending = bytearray()
    skipped = _HEADER_BYTES
    statement = _INTERACTIONS.format(learnt_from=learnt_from())
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        for data in _messages(copy):
            pending += data
            if len(pending) >= _BLOCK_BYTES:
                whole = (len(pending) - skipped) // _ROW.itemsize * _ROW.itemsize + skipped
                yield np.frombuffer(bytes(pending[skipped:whole]), _ROW)
                del pending[:whole]
                skipped = 0
    yield np.frombuffer(bytes(pending[skipped : len(pending) - _TRAILER_BYTES]), _ROW)


def _messages(copy: Copy) -> Iterator[Buffer]:
    """What the server sends, a row or an end at a time.

    psycopg waits for each message anew; what has arrived already is taken from libpq itself, which
    halves the time. The end is left to psycopg, which sees to what comes after it.
    """
    take = copy.connection.pgconn.get_copy_data
    while data := copy.read():
        yield data
        length = len(data)
        # Shorter than a row is the trailer alone. Nothing, for now, or an error: psycopg's to see.
        while length >= _ROW.itemsize:
            length, data = take(1)
            if length > 0:
                yield data


def _number_shoppers(
    customers: npt.NDArray[np.int64], visitors: npt.NDArray[np.void]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[UUID]]:
    """Row numbers (n,), ascending customer ids (c,), and visitor ids (v).

    `customers` (n,) are 0 where a visitor did it; `visitors` are those, in the order of rows.
    """
    named = customers > 0
    customer_ids, numbers = number_ids(customers[named])
    visitor_ids, others = _unique_uuids(visitors)
    shoppers = np.empty(len(customers), np.int64)
    shoppers[named] = numbers
    shoppers[~named] = others + len(customer_ids)
    return shoppers, customer_ids, visitor_ids


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
