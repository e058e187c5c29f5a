"""A variant's prices and its product's signals over a while."""

from collections.abc import Iterable
from datetime import datetime
from itertools import zip_longest

from pricing.algorithms.timelines import Step, Timeline, draw_timeline
from pricing.models import DemandSignal, PriceHistory
from pricing.selectors.replays import FRESH

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
    signals = _signals(product_id or 0, begin, end)
    timeline = draw_timeline(
        begin,
        end,
        {
            "price": _steps(rows, "amount", begin, end),
            "list": _steps(rows, "list_price", begin, end),
        },
        {caption: signals[name] for name, caption in SIGNALS.items()},
    )
    return timeline, rows


def _steps(rows: Iterable[PriceHistory], field: str, begin: datetime, end: datetime) -> list[Step]:
    return [
        Step(max(row.period.lower, begin), row.period.upper or end, float(getattr(row, field)))
        for row in sorted(rows, key=lambda row: row.period.lower)
    ]


def _signals(product_id: int, begin: datetime, end: datetime) -> dict[str, list[Step]]:
    """Each signal as steps: a row holds until the next, and for as long as deciders read it."""
    found = DemandSignal.objects.filter(product_id=product_id, slot__range=(begin - FRESH, end))
    rows = list(found.order_by("slot").values("slot", *SIGNALS))
    steps: dict[str, list[Step]] = {name: [] for name in SIGNALS}
    for row, following in zip_longest(rows, rows[1:]):
        begins = max(row["slot"], begin)
        ends = min(row["slot"] + FRESH, following["slot"] if following else end, end)
        for name in SIGNALS:
            if row[name] is not None and begins < ends:
                steps[name].append(Step(begins, ends, row[name]))
    return steps
