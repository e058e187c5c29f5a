"""Read the counts that are kept by day and hour: as cheap for years as for a week."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Min
from django.utils import timezone

from events.models import DailyActivity, EventType, StaleDay


class ProductDay(NamedTuple):
    """Events of one type with one product on one day (UTC).

    `shoppers` are those whom the events name: a visitor who became a customer later is counted as
    what it was. `units` are quantities, 1 where none was told; `revenue` is what was named in the
    store's currency.
    """

    product_id: int
    day: date
    type: str
    events: int
    shoppers: int
    units: int
    revenue: Decimal


def daily_activity(
    start: date,
    end: date,
    *,
    types: Sequence[str] = tuple(EventType),
    products: Iterable[int] | None = None,
) -> list[ProductDay]:
    """Days from `start` to before `end` of `products`, or of all, by product, day and type.

    A day without such an event has no row. See `counted_until` for how fresh they are.
    """
    rows = DailyActivity.objects.filter(
        day__gte=start, day__lt=end, type__in=types, product__isnull=False
    )
    if products is not None:
        rows = rows.filter(product__in=list(products))
    return [
        ProductDay(*row)
        for row in rows.order_by("product_id", "day", "type").values_list(*ProductDay._fields)
    ]


def counted_until(start: date, end: date) -> datetime:
    """The time until which what was stored is in the counts of `start` to before `end`."""
    stale = StaleDay.objects.filter(day__gte=start, day__lt=end)
    noted_at: datetime | None = stale.aggregate(first=Min("noted_at"))["first"]
    return noted_at or timezone.now()


def midnight(day: date) -> datetime:
    """When `day` begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def days_of(start: datetime, end: datetime) -> tuple[date, date]:
    """The first day (UTC) of a window, and the day after its last."""
    last = (end - timedelta(microseconds=1)).astimezone(UTC).date()
    return start.astimezone(UTC).date(), last + timedelta(days=1)
