"""Keep the counts by day and hour: each day that was written to is counted anew.

Triggers note the days that a statement wrote to, in its transaction (see StaleDay). So it does not
matter when events occurred, in what order they are committed, or how late they come: a day whose
note is seen is counted with the events that it tells of, and what is committed meanwhile is noted
again. A run that is killed leaves the notes of the day it was at.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from events.models import StaleDay
from events.selectors import BY_PEOPLE, PEOPLE
from events.services.partitions import month_of

# Whoever counts a day, or takes its month out of the log, holds this.
LOCK = "events roll-up"

# Read once, down to shoppers by the hour; both tables are counted from that. Bots are
# counted by themselves. Rows that did not change are not written.
_COUNT = f"""
WITH of_shopper AS MATERIALIZED (
  SELECT date_trunc('hour', e.occurred_at, 'UTC') AS hour, e.type, e.product_id, e.customer_id,
    CASE WHEN e.customer_id IS NULL THEN e.visitor_id END AS visitor_id,
    {BY_PEOPLE} AS is_person, count(*) AS events, sum(coalesce(e.quantity, 1)) AS units,
    sum(e.unit_price * coalesce(e.quantity, 1)) FILTER (WHERE e.currency = %(store)s) AS revenue
  FROM events_event AS e {PEOPLE}
  WHERE e.occurred_at >= %(start)s AND e.occurred_at < %(end)s
  GROUP BY 1, 2, 3, 4, 5, 6
), daily AS MATERIALIZED (
  SELECT type, product_id, sum(events) AS events,
    count(DISTINCT customer_id) + count(DISTINCT visitor_id) AS shoppers,
    sum(units) AS units, coalesce(sum(revenue), 0) AS revenue
  FROM of_shopper WHERE is_person GROUP BY type, product_id
), spans AS MATERIALIZED (
  SELECT CASE GROUPING(hour) WHEN 0 THEN 'hour' ELSE 'day' END AS span,
    coalesce(hour, %(start)s) AS start, type,
    coalesce(sum(events) FILTER (WHERE is_person), 0) AS events,
    count(DISTINCT customer_id) FILTER (WHERE is_person)
      + count(DISTINCT visitor_id) FILTER (WHERE is_person) AS shoppers,
    coalesce(sum(units) FILTER (WHERE is_person), 0) AS units,
    coalesce(sum(revenue) FILTER (WHERE is_person), 0) AS revenue,
    coalesce(sum(events) FILTER (WHERE NOT is_person), 0) AS bots
  FROM of_shopper GROUP BY GROUPING SETS ((hour, type), (type))
), gone_daily AS (
  DELETE FROM events_dailyactivity AS old WHERE old.day = %(day)s AND NOT EXISTS (
    SELECT FROM daily AS new
    WHERE new.type = old.type AND new.product_id IS NOT DISTINCT FROM old.product_id
  ) RETURNING 1
), gone_spans AS (
  DELETE FROM events_eventcount AS old
  WHERE old.start >= %(start)s AND old.start < %(end)s AND NOT EXISTS (
    SELECT FROM spans AS new
    WHERE new.span = old.span AND new.start = old.start AND new.type = old.type
  )
), set_daily AS (
  INSERT INTO events_dailyactivity AS old
    (day, type, product_id, events, shoppers, units, revenue)
  SELECT %(day)s, type, product_id, events, shoppers, units, revenue FROM daily
  ON CONFLICT (day, type, product_id) DO UPDATE
  SET events = EXCLUDED.events, shoppers = EXCLUDED.shoppers, units = EXCLUDED.units,
    revenue = EXCLUDED.revenue
  WHERE (old.events, old.shoppers, old.units, old.revenue) IS DISTINCT FROM
    (EXCLUDED.events, EXCLUDED.shoppers, EXCLUDED.units, EXCLUDED.revenue)
  RETURNING 1
), set_spans AS (
  INSERT INTO events_eventcount AS old (span, start, type, events, shoppers, units, revenue, bots)
  SELECT span, start, type, events, shoppers, units, revenue, bots FROM spans
  ON CONFLICT (span, start, type) DO UPDATE
  SET events = EXCLUDED.events, shoppers = EXCLUDED.shoppers, units = EXCLUDED.units,
    revenue = EXCLUDED.revenue, bots = EXCLUDED.bots
  WHERE (old.events, old.shoppers, old.units, old.revenue, old.bots) IS DISTINCT FROM
    (EXCLUDED.events, EXCLUDED.shoppers, EXCLUDED.units, EXCLUDED.revenue, EXCLUDED.bots)
)
SELECT (SELECT count(*) FROM set_daily) + (SELECT count(*) FROM gone_daily)
"""  # noqa: S608 - put together from constants

_IS_IN_LOG = """
SELECT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'events_event'::regclass
  AND NOT inhdetachpending AND inhrelid = to_regclass(%s))
"""
# A skip scan: from each day to the next that has an event.
_ALL_DAYS = """
WITH RECURSIVE seen (day) AS (
  SELECT (min(occurred_at) AT TIME ZONE 'UTC')::date FROM events_event
  UNION ALL
  SELECT (
    SELECT (min(e.occurred_at) AT TIME ZONE 'UTC')::date FROM events_event AS e
    WHERE e.occurred_at >= (seen.day + 1)::timestamp AT TIME ZONE 'UTC'
  ) FROM seen WHERE seen.day IS NOT NULL
)
INSERT INTO events_staleday (day) SELECT day FROM seen WHERE day IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class RolledUp:
    """How many days were counted anew, and how many rows of DailyActivity that changed."""

    days: int = 0
    changed: int = 0


def roll_up_events(start: date = date.min, end: date = date.max) -> RolledUp:
    """Count the days from `start` to before `end` that were written to, the latest first.

    Each day is a transaction of its own. What is written meanwhile is left to the next run.
    """
    stale = StaleDay.objects.filter(day__gte=start, day__lt=end)
    days = stale.order_by("-day").values_list("day", flat=True).distinct()
    changes = [_count_day(day) for day in list(days)]
    return RolledUp(len(changes), sum(changes))


def count_all_days_again() -> int:
    """Note every day of the log as stale: for after a change of the store's currency.

    How many days there are.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALL_DAYS)
        return int(cursor.rowcount)


def _count_day(day: date) -> int:
    """Count `day` anew; how many rows of DailyActivity changed.

    A month that is no longer in the log keeps the counts that it had.
    """
    start = datetime.combine(day, time(), UTC)
    parameters: dict[str, Any] = {
        "day": day, "start": start, "end": start + timedelta(days=1),
        "store": settings.STORE_CURRENCY,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
        # First: what is committed after this statement keeps its note.
        StaleDay.objects.filter(day=day).delete()
        cursor.execute(_IS_IN_LOG, [f"events_event_{month_of(start):%Y%m}"])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_COUNT, parameters)
        return int(cursor.fetchone()[0])
