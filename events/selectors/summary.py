"""What a dashboard shows: stored events by type and rejected ones by reason, over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from events.models import EventCount, EventType
from events.selectors.buckets import Bucket, bucket_start, check_window
from events.selectors.daily import counted_until, days_of

_REJECTIONS = """
SELECT {bucket} AS start, e.code, count(*), count(e.replayed_at)
FROM (SELECT received_at AS occurred_at, code, replayed_at FROM events_rejectedevent) AS e
WHERE e.occurred_at >= %s AND e.occurred_at < %s
GROUP BY 1, 2 ORDER BY 1, 2
"""


class TypeCount(NamedTuple):
    """Stored events of one type in one hour or day (UTC), which begins at `start`.

    `bots` are events of bots, which no other figure counts.
    """

    start: datetime
    type: str
    events: int
    shoppers: int
    units: int
    revenue: Decimal
    bots: int


class RejectionCount(NamedTuple):
    """Events that came in that hour or day and were rejected; `replayed` were stored since."""

    start: datetime
    code: str
    events: int
    replayed: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a window in the order of time; buckets in which nothing happened have no row.

    What was stored before `as_of` is in them.
    """

    as_of: datetime
    counts: list[TypeCount]
    rejections: list[RejectionCount]


def summarise_events(
    start: datetime, end: datetime, *, by: Bucket, types: Sequence[str] = tuple(EventType)
) -> Summary:
    """Counts of whole hours or days from `start` to before `end`, in three queries.

    Events count when they occurred, rejections when they came, whatever their type.
    """
    check_window(start, end)
    as_of = counted_until(*days_of(start, end))  # first, so that it is never too late
    rows = EventCount.objects.filter(span=by, start__gte=start, start__lt=end, type__in=types)
    counts = rows.order_by("start", "type").values_list(*TypeCount._fields)
    with connection.cursor() as cursor:
        cursor.execute(_REJECTIONS.format(bucket=bucket_start(by)), [start, end])
        rejections = [RejectionCount(*row) for row in cursor]
    return Summary(as_of, [TypeCount(*row) for row in counts], rejections)
