"""Pages of product keys in a stable order, each found from the row where the last one ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from catalogue.models import ProductQuerySet, Variant
from catalogue.selectors.filtering import shown_price

# What each ordering sorts by, and whether downwards; ties are broken by key in the same direction.
ORDERINGS: dict[str, tuple[str, bool]] = {
    "popularity": ("popularity", True),
    "newness": ("created_at", True),
    "price": ("price", False),
    "-price": ("price", True),
    "title": ("title", False),
}


@dataclass(frozen=True, slots=True)
class Position:
    """A row in an ordering: in which segment, its sort value there (None: unsorted), its key."""

    segment: int
    value: Any
    product_id: int


@dataclass(frozen=True, slots=True)
class Page:
    """Product keys in order, and where the neighbouring pages begin; None where there is none."""

    product_ids: list[int]
    previous: Position | None
    next: Position | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the list: rows that bear a `sort_value`, and in `key` the product's key."""

    rows: Any
    key: str
    descending: bool

    def read(self, start: Position | None, limit: int, *, backwards: bool) -> list[tuple[Any, int]]:
        """Up to `limit` rows after `start`, or before it and in reverse."""
        descending = self.descending != backwards
        rows = self.rows if start is None else self.rows.filter(self._beyond(start, descending))
        sign = "-" if descending else ""
        ordered = rows.order_by(f"{sign}sort_value", f"{sign}{self.key}")
        return list(ordered.values_list("sort_value", self.key)[:limit])

    def _beyond(self, start: Position, descending: bool) -> Q:  # noqa: FBT001
        lookup, bound = (TupleLessThan, "lte") if descending else (TupleGreaterThan, "gte")
        columns = Tuple(F("sort_value"), F(self.key))
        beyond = Q(lookup(columns, (start.value, start.product_id)))
        # A pair of columns of two tables is no range of an index, so the first says it alone too.
        return beyond & Q(**{f"sort_value__{bound}": start.value})


def read_page(
    segments: Sequence[Segment],
    limit: int,
    start: Position | None = None,
    *,
    backwards: bool = False,
) -> Page:
    """The page of `limit` rows after `start`, or before it; from either end without `start`.

    One query, and one more where the page reaches over into the next segment.
    """
    found = _read_across(segments, limit + 1, start, backwards=backwards)
    rows, has_more = found[:limit], len(found) > limit
    if backwards:
        rows.reverse()
    before = has_more if backwards else start is not None
    after = start is not None if backwards else has_more
    return Page(
        [row.product_id for row in rows],
        rows[0] if rows and before else None,
        rows[-1] if rows and after else None,
    )


def order_products(products: ProductQuerySet, ordering: str, *, narrowed: bool) -> list[Segment]:
    """`products` in one of ORDERINGS, as segments for `read_page`.

    By price, those without a shown price in the store's currency come last. `narrowed` tells that
    the filters leave few products: their prices are looked up; else the index of prices is walked.
    """
    field, descending = ORDERINGS[ordering]
    if field != "price":
        return [Segment(products.annotate(sort_value=F(field)), "pk", descending)]
    looked_up: Any = products.alias(shown=shown_price())
    unpriced = looked_up.filter(shown=None).annotate(sort_value=F("id"))
    if narrowed:
        priced: Any = looked_up.filter(shown__isnull=False).annotate(sort_value=F("shown"))
        return [Segment(priced, "pk", descending), Segment(unpriced, "pk", descending)]
    offered = Variant.objects.shown_in(settings.STORE_CURRENCY).filter(product__in=products)
    priced = offered.annotate(sort_value=F("offer__amount"))
    return [Segment(priced, "product_id", descending), Segment(unpriced, "pk", descending)]


def _read_across(
    segments: Sequence[Segment], limit: int, start: Position | None, *, backwards: bool
) -> list[Position]:
    indexes = range(len(segments))
    if start is not None:
        indexes = range(start.segment + 1) if backwards else range(start.segment, len(segments))
    found: list[Position] = []
    for index in reversed(indexes) if backwards else indexes:
        within = start if start is not None and index == start.segment else None
        rows = segments[index].read(within, limit - len(found), backwards=backwards)
        found.extend(Position(index, value, product_id) for value, product_id in rows)
        if len(found) == limit:
            break
    return found
