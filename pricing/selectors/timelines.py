"""A variant's prices and its product's signals over a while."""

from collections.abc import Iterable
from datetime import datetime

from pricing.algorithms.timelines import Step, Timeline, draw_timeline
from pricing.models import DemandSignal, PriceHistory

SIGNALS = {
    "views_per_hour": "Views an hour",
    "purchases_per_day": "Purchases a day",
    "days_of_cover": "Days of cover",
}


def load_timeline(
    variant_id: int, product_id: int | None, begin: datetime, end: datetime
) -> tuple[Timeline, list[PriceHistory]]:
    """The drawing from `begin` to `end`, and the rows that it shows, newest first."""
    rows = list(
        PriceHistory.objects.filter(variant_id=variant_id, period__overlap=(begin, end))
        .select_related("rule", "proposal")
        .order_by("-period")
    )
    found = DemandSignal.objects.filter(product_id=product_id or 0, slot__range=(begin, end))
    signals = list(found.order_by("slot").values_list("slot", *SIGNALS))
    timeline = draw_timeline(
        begin,
        end,
        {
            "price": _steps(rows, "amount", begin, end),
            "list": _steps(rows, "list_price", begin, end),
        },
        {
            caption: [(row[0], row[place]) for row in signals if row[place] is not None]
            for place, caption in enumerate(SIGNALS.values(), 1)
        },
    )
    return timeline, rows


def _steps(rows: Iterable[PriceHistory], field: str, begin: datetime, end: datetime) -> list[Step]:
    return [
        Step(max(row.period.lower, begin), row.period.upper or end, float(getattr(row, field)))
        for row in sorted(rows, key=lambda row: row.period.lower)
    ]
