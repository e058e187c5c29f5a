"""Monthly partitions of the log."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

MONTHS_AHEAD = 3


def ensure_partitions(start: date, end: date) -> int:
    """Make the missing partitions of every month from `start` to `end`; how many were made."""
    months = {
        date(number // 12, number % 12 + 1, 1) for number in range(_month(start), _month(end) + 1)
    }
    return ensure_months(months)


def ensure_months(months: Iterable[date]) -> int:
    """Make the missing partitions of `months`, any day of each; how many were made.

    Several callers may ask at once: one makes, the others wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE events_ensure_partition(day))"
            " FROM unnest(%s::date[]) AS day",
            [sorted(months)],
        )
        (made,) = cursor.fetchone()
    return int(made)


def ensure_partitions_ahead() -> int:
    """Make the partitions that live events need: last month's to `MONTHS_AHEAD` from now."""
    today = timezone.now().date()
    return ensure_partitions(today - timedelta(days=31), today + timedelta(days=31 * MONTHS_AHEAD))


def month_of(moment: datetime) -> date:
    """The first day of the month of `moment`, which is in UTC."""
    return date(moment.year, moment.month, 1)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1
