"""A page of charts: stored events by type, rejected ones by reason."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from events.algorithms.charts import Chart, stack_bars
from events.selectors import summarise_events
from events.selectors.buckets import STEPS, Bucket, buckets_of, end_of

SHOWN: dict[Bucket, tuple[str, int]] = {"hour": ("%a %H:%M", 48), "day": ("%d %b", 30)}
TEMPLATE = "admin/events/event/rates.html"


def show_rates(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    """The page for the last two days by hour, or with `?by=day` for the last month by day."""
    if not request.user.has_perm("events.view_event"):
        raise PermissionDenied
    by: Bucket = "day" if request.GET.get("by") == "day" else "hour"
    label, places = SHOWN[by]
    end = end_of(timezone.now() + timedelta(microseconds=1), by)
    start = end - places * STEPS[by]
    summary = summarise_events(start, end, by=by)
    starts = buckets_of(start, end, by)
    labels = [f"{moment:{label}}" for moment in starts]
    charts = [
        ("Events by type", "When they occurred.",
         _chart(((one.start, one.type, one.events) for one in summary.counts), starts, labels)),
        ("Rejected events by reason", "When they came.",
         _chart(((one.start, one.code, one.events) for one in summary.rejections), starts, labels)),
    ]  # fmt: skip
    page = {"title": "Rates of events", "by": by, "as_of": summary.as_of, "charts": charts}
    return TemplateResponse(request, TEMPLATE, context | page)


def _chart(
    rows: Iterable[tuple[datetime, str, int]], starts: Sequence[datetime], labels: Sequence[str]
) -> Chart:
    places = {moment: place for place, moment in enumerate(starts)}
    values: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(starts))
    for moment, name, number in rows:
        values[name][places[moment]] += number
    return stack_bars(values, labels)
