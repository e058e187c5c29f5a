"""A dashboard's window as it is asked for, and the counts of it as they are shown."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from api.rest.money import MoneySerializer, render_money
from api.rest.parameters import parse_choice, reject_unknown_parameters
from api.rest.problems import invalid_parameter
from events.algorithms.lines import EARLIEST, FUTURE_TOLERANCE
from events.models import EventType
from events.selectors import RejectionCount, Summary, TypeCount
from events.selectors.buckets import STEPS, Bucket, begin_of, buckets_of, end_of

# What is shown unless it is said, and at most.
USUAL = {"hour": timedelta(hours=48), "day": timedelta(days=30)}
MOST = {"hour": timedelta(days=31), "day": timedelta(days=731)}

# Types whose prices were paid, or paid back.
SOLD = (EventType.PURCHASE, EventType.RETURN)

_TIME = "RFC 3339, or a date, which begins at midnight UTC."
SUMMARY_PARAMETERS = [
    OpenApiParameter("by", enum=list(STEPS), default="day", description="How counts are grouped."),
    OpenApiParameter(
        "from", OpenApiTypes.STR,
        description=f"The first hour or day is the one of this time. {_TIME}"
        " Usually 48 hours or 30 days before `to`; at most 31 days of hours or 731 days.",
    ),
    OpenApiParameter(
        "to", OpenApiTypes.STR,
        description=f"The last hour or day ends here, or is the one of this time. {_TIME}"
        " Usually the end of the present one.",
    ),
    OpenApiParameter(
        "type", enum=EventType.values, many=True, description="Only events of these types."
    ),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Whole hours or days from `start` to before `end`."""

    by: Bucket
    start: datetime
    end: datetime
    types: tuple[str, ...]


def read_span(request: Request) -> Span:
    """What the request asks for; InvalidInput names the parameter that is wrong."""
    reject_unknown_parameters(request, ("by", "from", "to", "type"))
    by = cast("Bucket", parse_choice(request.query_params, "by", list(STEPS), "day"))
    end = end_of(_read_time(request, "to") or timezone.now() + timedelta(microseconds=1), by)
    start = begin_of(_read_time(request, "from") or end - USUAL[by], by)
    if not start < end:
        raise invalid_parameter("from", "Begin before the end.")
    if end - start > MOST[by]:
        raise invalid_parameter("from", f"At most {MOST[by].days} days by {by}.", "too_long")
    return Span(by, start, end, _read_types(request))


def render_summary(span: Span, summary: Summary) -> dict[str, Any]:
    """The answer: a bucket for each hour or day, empty ones too, and totals."""
    counts, rejections = defaultdict(list), defaultdict(list)
    for count in summary.counts:
        counts[count.start].append(_render_count(count) | {"shoppers": count.shoppers})
    for rejection in summary.rejections:
        rejections[rejection.start].append(_render_rejection(rejection))
    return {
        "from": span.start,
        "to": span.end,
        "by": span.by,
        "as_of": summary.as_of,
        "totals": _totals(summary),
        "buckets": [
            {"start": start, "types": counts[start], "rejections": rejections[start]}
            for start in buckets_of(span.start, span.end, span.by)
        ],
    }


def _totals(summary: Summary) -> dict[str, Any]:
    """Sums by type and by reason, the greatest first. Distinct shoppers can't be added up."""
    events: Counter[str] = Counter()
    units: Counter[str] = Counter()
    bots: Counter[str] = Counter()
    revenue: defaultdict[str, Decimal] = defaultdict(Decimal)
    for count in summary.counts:
        events[count.type] += count.events
        units[count.type] += count.units
        bots[count.type] += count.bots
        revenue[count.type] += count.revenue
    rejected: Counter[str] = Counter()
    replayed: Counter[str] = Counter()
    for one in summary.rejections:
        rejected[one.code] += one.events
        replayed[one.code] += one.replayed
    any_time = EARLIEST
    return {
        "types": [
            _render_count(
                TypeCount(any_time, kind, number, 0, units[kind], revenue[kind], bots[kind])
            )
            for kind, number in events.most_common()
        ],
        "rejections": [
            _render_rejection(RejectionCount(any_time, code, number, replayed[code]))
            for code, number in rejected.most_common()
        ],
    }


def _render_count(count: TypeCount) -> dict[str, Any]:
    return {
        "type": count.type,
        "events": count.events,
        "units": count.units,
        "bots": count.bots,
        # The prices of what was merely looked at are nobody's revenue.
        "revenue": render_money(count.revenue, settings.STORE_CURRENCY)
        if count.type in SOLD
        else None,
    }


def _render_rejection(count: RejectionCount) -> dict[str, Any]:
    return {"code": count.code, "events": count.events, "replayed": count.replayed}


def _read_types(request: Request) -> tuple[str, ...]:
    named = request.query_params.getlist("type")
    for kind in named:
        if kind not in EventType.values:
            raise invalid_parameter("type", f"Give one of: {', '.join(EventType.values)}.")
    return tuple(dict.fromkeys(named)) or tuple(EventType.values)


def _read_time(request: Request, name: str) -> datetime | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        # A plus sign that was not escaped is a space to whoever reads a query.
        moment = datetime.fromisoformat(value.replace(" ", "+") if len(value) <= 40 else "")
    except ValueError:
        detail = "Give an RFC 3339 time or a date, such as 2026-01-31."
        raise invalid_parameter(name, detail) from None
    if moment.tzinfo is None and len(value) > len("2026-01-31"):
        raise invalid_parameter(name, "Name the zone: end the time with Z or an offset.")
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    if not EARLIEST <= moment <= timezone.now() + 2 * FUTURE_TOLERANCE:
        raise invalid_parameter(name, "There are no events of that time.")
    return moment.astimezone(UTC)


class TypeTotalSerializer(serializers.Serializer[Any]):
    """Stored events of one type."""

    type = serializers.ChoiceField(EventType.choices)
    events = serializers.IntegerField()
    units = serializers.IntegerField(help_text="Quantities, 1 where none was told.")
    revenue = MoneySerializer(
        allow_null=True,
        help_text="Of purchases and returns, in the store's currency; null for other types.",
    )
    bots = serializers.IntegerField(help_text="Events of bots, which no other figure counts.")


class TypeCountSerializer(TypeTotalSerializer):
    """The same of one hour or day."""

    shoppers = serializers.IntegerField(help_text="Distinct customers and visitors.")


class RejectionCountSerializer(serializers.Serializer[Any]):
    """Rejected events of one reason."""

    code = serializers.CharField()
    events = serializers.IntegerField()
    replayed = serializers.IntegerField(help_text="How many of them were stored since.")


class SummaryTotalsSerializer(serializers.Serializer[Any]):
    """Sums of all buckets, the greatest first."""

    types = TypeTotalSerializer(many=True)
    rejections = RejectionCountSerializer(many=True)


class SummaryBucketSerializer(serializers.Serializer[Any]):
    """One hour or day."""

    start = serializers.DateTimeField()
    types = TypeCountSerializer(many=True)
    rejections = RejectionCountSerializer(many=True)


class EventSummarySerializer(serializers.Serializer[Any]):
    """Counts of the log by hour or day (UTC)."""

    to = serializers.DateTimeField()
    by = serializers.ChoiceField(list(STEPS))
    as_of = serializers.DateTimeField(help_text="What was stored before is counted.")
    totals = SummaryTotalsSerializer()
    buckets = SummaryBucketSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """The fields, with `from`, which Python can't name."""
        return {"from": serializers.DateTimeField()} | super().get_fields()
