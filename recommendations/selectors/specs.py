"""The placements as they stand."""

from typing import NamedTuple

from django.db.models import QuerySet

from api.clock import memory_clock
from recommendations.algorithms.placements import Anchor, Filters, Placement, Source
from recommendations.models import Placement as Row

# How long a process may go on serving a placement as it was.
MEMO_SECONDS = 1.0


class _Memo(NamedTuple):
    read_at: float
    placements: dict[str, Placement]


_NOTHING = _Memo(float("-inf"), {})
# All threads' own: to read placements takes as long as several answers.
_memo = {"latest": _NOTHING}


def read_placements() -> dict[str, Placement]:
    """The placements that are switched on, by name, at most a second old."""
    now, latest = memory_clock(), _memo["latest"]
    if latest.read_at + MEMO_SECONDS <= now:
        found = {row.name: describe(row) for row in load_rows().filter(enabled=True)}
        latest = _memo["latest"] = _Memo(now, found)
    return latest.placements


def forget_placements() -> None:
    """Read afresh next time."""
    _memo["latest"] = _NOTHING


def load_rows() -> QuerySet[Row]:
    """Placements with the categories and brands that they name."""
    return Row.objects.prefetch_related("categories", "hidden_categories", "brands")


def describe(row: Row) -> Placement:
    """The placement that `row` holds."""
    filters = Filters(
        categories=tuple(tuple(one.path) for one in row.categories.all()),
        hidden_categories=tuple(tuple(one.path) for one in row.hidden_categories.all()),
        brands=frozenset(one.name for one in row.brands.all()),
        price_min=row.price_min,
        price_max=row.price_max,
    )
    return Placement(
        row.name, Anchor(row.anchor), tuple(Source(name) for name in row.sources), row.limit,
        filters, row.excludes_bought, row.excludes_in_cart, row.max_per_category,
        row.max_per_brand, row.description,
    )  # fmt: skip
