"""A weekly panel of sales as arrays, and what its week labels mean."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

FORMATS = ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%Y/%m/%d")
_NUMBER = re.compile(r"[+-]?\d{1,7}(\.0*)?")
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)


class ThinPanelError(ValueError):
    """The panel doesn't tell what is asked of it; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Sales of a product in a store in a week: (n,) each, ordered by series, then week.

    `store`, `product` and `series` (a product in a store) are codes from 0; `week` counts weeks
    from the first; `price` is above 0, `units` at least 0. Each series has a week at most once.
    """

    store: NDArray[np.int64]
    product: NDArray[np.int64]
    series: NDArray[np.int64]
    week: NDArray[np.int64]
    price: NDArray[np.float64]
    units: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.week)

    @property
    def weeks(self) -> int:
        """From the first week to the last."""
        return int(self.week.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows of a panel that say nothing of demand at a price."""

    without_price: int
    without_units: int
    repeated: int  # joined with another row of their store, product and week
    returned: int  # more came back than was sold: counted as none sold


def build_panel(
    store: NDArray[np.int64],
    product: NDArray[np.int64],
    week: NDArray[np.int64],
    price: NDArray[np.float64],
    units: NDArray[np.float64],
) -> tuple[Panel, LeftOut]:
    """The panel of rows in any order; NaN is a missing value, and a price of 0 is none.

    Rows of the same store, product and week become one: units are added up, and the price is what
    was paid on average.
    """
    priced, counted = price > 0, np.isfinite(units)
    keep = priced & counted
    store, product, week = store[keep], product[keep], week[keep]
    series = np.unique(store * (int(product.max(initial=0)) + 1) + product, return_inverse=True)[1]
    week = week - (int(week.min()) if len(week) else 0)
    order = np.lexsort((week, series))
    sold = units[keep][order]
    rows = Panel(
        store[order], product[order], series[order], week[order],
        price[keep][order], np.maximum(0.0, sold),
    )  # fmt: skip
    panel = _join_repeated(rows)
    left_out = LeftOut(
        without_price=int((~priced).sum()),
        without_units=int((priced & ~counted).sum()),
        repeated=len(rows) - len(panel),
        returned=int((sold < 0).sum()),
    )
    return panel, left_out


def _join_repeated(rows: Panel) -> Panel:
    first = np.ones(len(rows), bool)
    first[1:] = (np.diff(rows.series) != 0) | (np.diff(rows.week) != 0)
    if first.all():
        return rows
    group = np.cumsum(first) - 1
    units = np.bincount(group, rows.units).astype(np.float64)
    paid = np.bincount(group, rows.units * rows.price)
    plain = np.bincount(group, rows.price) / np.bincount(group)
    return Panel(
        rows.store[first], rows.product[first], rows.series[first], rows.week[first],
        np.where(units > 0, paid / np.where(units > 0, units, 1.0), plain), units,
    )  # fmt: skip


def number_weeks(labels: Sequence[str]) -> list[int | None]:
    """Each label's week, counted in weeks from an arbitrary one; None where it can't be read.

    Labels are whole numbers, years and weeks (199752, 1997-W52), or dates, all of one kind: the
    first kind that reads the most of them. Numbers that lie whole multiples of seven apart count
    days.
    """
    kinds: list[Callable[[str], int | None]] = [_year_and_week, _number, _iso_date]
    kinds += [_date_reader(form) for form in FORMATS]
    best: list[int | None] = [None] * len(labels)
    for kind in kinds:
        read = [kind(label) for label in labels]
        if sum(value is None for value in read) < sum(value is None for value in best):
            best = read
        if None not in read:
            break
    return _in_weeks(best) if kind is _number else best


def _in_weeks(numbers: list[int | None]) -> list[int | None]:
    known = sorted({number for number in numbers if number is not None})
    gaps = np.diff(known)
    if len(gaps) and (gaps % 7 == 0).all():
        return [None if number is None else (number - known[0]) // 7 for number in numbers]
    return numbers


def _week_of(day: date) -> int:
    """Weeks begin on Monday."""
    return (day.toordinal() - 1) // 7


def _number(label: str) -> int | None:
    return int(float(label)) if _NUMBER.fullmatch(label) else None


def _year_and_week(label: str) -> int | None:
    """199752 or 1997-W52; week 53 is there where the year has it, or the shop says so."""
    match = _ISO_WEEK.fullmatch(label) or re.fullmatch(r"((?:19|20)\d{2})(\d{2})(?:\.0*)?", label)
    if match is None or not 1 <= int(match[2]) <= 53:
        return None
    try:
        first = _week_of(date.fromisocalendar(int(match[1]), 1, 1))
    except ValueError:
        return None
    return first + int(match[2]) - 1


def _iso_date(label: str) -> int | None:
    try:
        return _week_of(datetime.fromisoformat(label))
    except ValueError:
        return None


def _date_reader(form: str) -> Callable[[str], int | None]:
    def read(label: str) -> int | None:
        try:
            return _week_of(datetime.strptime(label, form))  # noqa: DTZ007 - a day, no time
        except ValueError:
            return None

    return read
