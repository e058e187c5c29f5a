"""Positions in a list of products as opaque texts, for the `cursor` parameter."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalogue.selectors.pages import ORDERINGS, Position

MAX_BIGINT = 2**63 - 1
MAX_CURSOR = 4000


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins, in which ordering, and whether it lies before that row."""

    ordering: str
    start: Position
    backwards: bool


def encode_cursor(cursor: Cursor) -> str:
    """The text of `cursor`."""
    start = cursor.start
    value = start.value.isoformat() if isinstance(start.value, datetime) else str(start.value)
    parts = [cursor.ordering, int(cursor.backwards), start.segment, value, start.product_id]
    return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def decode_cursor(text: str) -> Cursor | None:
    """The cursor that `text` encodes, or None where it was not made here."""
    try:
        if len(text) > MAX_CURSOR:
            return None
        ordering, backwards, segment, value, key = json.loads(urlsafe_b64decode(text.encode()))
        read = _reader(ordering, segment)
        if {type(key), type(segment)} != {int} or backwards not in {0, 1}:
            return None
        if not 0 < key <= MAX_BIGINT:
            return None
        return Cursor(ordering, Position(segment, read(value), key), bool(backwards))
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        return None


def _reader(ordering: str, segment: int) -> Callable[[str], Any]:
    """How the sort value reads; LookupError where there is no such segment."""
    field, _ = ORDERINGS[ordering]
    return dict(enumerate(_READERS[field]))[segment]


def _read_text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    value.encode()
    return value


def _read_time(value: str) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(value)
    return time


def _read_amount(value: str) -> Decimal:
    amount = Decimal(value)
    if not 0 <= amount < Decimal(10) ** 12:
        raise ValueError(value)
    return amount


def _read_key(value: str) -> int:
    key = int(value)
    if not 0 < key <= MAX_BIGINT:
        raise ValueError(value)
    return key


_READERS: Mapping[str, tuple[Callable[[str], Any], ...]] = {
    "popularity": (float,),
    "created_at": (_read_time,),
    "title": (_read_text,),
    "price": (_read_amount, _read_key),
}
