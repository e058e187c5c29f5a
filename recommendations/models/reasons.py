"""Reasons behind a list as they are stored: each name once, and a number for each pair.

Written out as JSON of names and shares they would be four times as long, and most of what writing
and reading a list costs.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from django.db import models

# Shares have four decimals: 0 to STEPS.
STEPS = 10_000
SPAN = STEPS + 1
NONE = -1

Pair = Sequence[Any]


def pack_codes(names: Sequence[str], width: int, codes: Any) -> bytes:
    """The stored form of `width` codes (a list or array) per product.

    A code is the place of the product that speaks in `names`, times SPAN, and its share in STEPS;
    NONE where there are fewer reasons.
    """
    return orjson.dumps([names, width, codes], option=orjson.OPT_SERIALIZE_NUMPY)


def pack_reasons(reasons: Sequence[Sequence[Pair]]) -> str:
    """The stored form of reasons, for each product pairs of a name and a share."""
    width = max(map(len, reasons), default=0) or 1
    places: dict[str, int] = {}
    codes: list[int] = []
    for pairs in reasons:
        own = [
            places.setdefault(name, len(places)) * SPAN + round(share * STEPS)
            for name, share in pairs
        ]
        codes += own + [NONE] * (width - len(own))
    return pack_codes(list(places), width, codes).decode()


class StoredReasons(Sequence[Sequence[Pair]]):
    """Reasons as they are stored, read one by one as they are asked for."""

    __slots__ = ("_codes", "_names", "_width")

    def __init__(self, text: str | bytes) -> None:
        stored: tuple[list[str], int, list[int]] = orjson.loads(text)
        self._names, self._width, self._codes = stored

    def __len__(self) -> int:
        return len(self._codes) // self._width

    def __getitem__(self, index: Any) -> Any:
        """The pairs of the product at `index`, the strongest first."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        count = len(self)
        if not -count <= index < count:
            raise IndexError(index)
        start = index % count * self._width
        names = self._names
        return [
            [names[code // SPAN], code % SPAN / STEPS]
            for code in self._codes[start : start + self._width]
            if code != NONE
        ]

    def __iter__(self) -> Iterator[Sequence[Pair]]:
        return (self[index] for index in range(len(self)))


class ReasonsField(models.TextField):  # type: ignore[type-arg]
    """For each product of a list pairs of a name and a share; stored as `pack_reasons` has them."""

    def from_db_value(self, value: str | None, *_: Any) -> list[Sequence[Pair]] | None:
        """All of them, as lists."""
        return None if value is None else list(StoredReasons(value))

    def get_prep_value(self, value: Any) -> Any:
        """The stored form."""
        return value if value is None or isinstance(value, str) else pack_reasons(value)
