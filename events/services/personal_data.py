"""What the log keeps of somebody, removed or shown."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from psycopg import sql

from customers.services import MANY_ROWS, Holding, Person, rows_about
from events.models import Event, EventKey, RefreshRequest, RejectedEvent
from events.services.queued import drop_messages
from events.services.retention import list_months

# Whose link claims an anonymous event of `e`; at most one does.
_CLAIMED = """
e.customer_id IS NULL AND claim.visitor_id = e.visitor_id AND claim.undone_at IS NULL
  AND e.occurred_at >= coalesce(claim.claims_from, '-infinity')
  AND e.occurred_at < coalesce(claim.ended_at, 'infinity')
"""
# A customer's events are those that name them and those that their links claim of visitors'.
_DELETE_CUSTOMERS = f"""
WITH gone AS (
  DELETE FROM {{log}} AS e WHERE e.customer_id = ANY(%(customers)s) RETURNING e.event_id
), claimed AS (
  DELETE FROM {{log}} AS e USING customers_identitylink AS claim
  WHERE claim.customer_id = ANY(%(customers)s) AND {_CLAIMED} RETURNING e.event_id
), keys AS (
  DELETE FROM events_eventkey
  WHERE event_id IN (SELECT event_id FROM gone UNION ALL SELECT event_id FROM claimed)
  RETURNING event_id
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM claimed), (SELECT count(*) FROM keys)
"""  # noqa: S608 - put together from constants
# What another customer's link claims of a visitor's is that customer's own from now on.
_HAND_OVER = f"""
UPDATE {{log}} AS e SET customer_id = claim.customer_id, visitor_id = NULL
FROM customers_identitylink AS claim
WHERE claim.visitor_id = ANY(%(visitors)s::uuid[]) AND {_CLAIMED}
"""  # noqa: S608 - put together from constants
_FORGET_DEVICE = """
UPDATE {log} SET visitor_id = NULL
WHERE visitor_id = ANY(%(visitors)s::uuid[]) AND customer_id IS NOT NULL
"""
_DELETE_VISITORS = """
WITH gone AS (
  DELETE FROM {log} WHERE visitor_id = ANY(%(visitors)s::uuid[]) RETURNING event_id
), keys AS (
  DELETE FROM events_eventkey WHERE event_id IN (SELECT event_id FROM gone) RETURNING event_id
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM keys)
"""
_COUNT = """
SELECT count(*) FROM (
  (SELECT FROM events_event WHERE customer_id = ANY(%(customers)s) LIMIT %(many)s)
  UNION ALL
  (SELECT FROM events_event WHERE visitor_id = ANY(%(visitors)s::uuid[]) LIMIT %(many)s)
) AS theirs
"""
# An id stands in a payload as JSON text, or within JSON text where the payload was cut.
_REJECTED = """
visitor_id = ANY(%(visitors)s::uuid[]) OR customer_public_id = ANY(%(public_ids)s::text[])
OR EXISTS (
  SELECT FROM unnest(%(public_ids)s::text[]) AS one (name)
  WHERE strpos(payload::text, to_jsonb(name)::text) > 0
    OR strpos(payload::text, trim(BOTH '"' FROM to_jsonb(to_jsonb(name)::text)::text)) > 0
) OR EXISTS (
  SELECT FROM unnest(%(visitors)s::uuid[]) AS one (name)
  WHERE strpos(lower(payload::text), name::text) > 0
    OR strpos(lower(payload::text), replace(name::text, '-', '')) > 0
)
"""
_SHOWN = f"""
SELECT jsonb_strip_nulls(jsonb_build_object(
  'event_id', e.event_id, 'type', e.type, 'occurred_at', e.occurred_at,
  'claimed_at', e.claimed_at, 'received_at', e.received_at,
  'product_id', p.public_id, 'sku', v.sku, 'visitor_id', e.visitor_id,
  'customer_id', c.public_id, 'session_id', e.session_id, 'order_id', e.order_id,
  'quantity', e.quantity, 'unit_price', e.unit_price::text, 'currency', e.currency,
  'request_id', e.request_id, 'query', e.query, 'restriction', e.restriction
))::text
FROM (
  SELECT * FROM events_event WHERE customer_id = ANY(%(customers)s)
  UNION ALL
  SELECT e.* FROM customers_identitylink AS claim JOIN events_event AS e ON {_CLAIMED}
  WHERE claim.customer_id = ANY(%(customers)s)
  UNION ALL
  SELECT e.* FROM events_event AS e
  WHERE e.visitor_id = ANY(%(visitors)s::uuid[]) AND e.customer_id IS NULL AND NOT EXISTS (
    SELECT FROM customers_identitylink AS claim WHERE {_CLAIMED}
  )
) AS e
LEFT JOIN catalogue_product AS p ON p.id = e.product_id
LEFT JOIN catalogue_variant AS v ON v.id = e.variant_id
LEFT JOIN customers_customer AS c ON c.id = e.customer_id
ORDER BY e.occurred_at
"""  # noqa: S608 - put together from constants


def _erase(person: Person) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for table in ["events_event", *(month.table for month in list_months() if not month.attached)]:
        counts.update(_erase_from(table, person))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM events_rejectedevent WHERE {_REJECTED}",  # noqa: S608 - a constant
            person.as_parameters(),
        )
        counts["rejected_events"] = cursor.rowcount
    due = RefreshRequest.objects.filter(customer__in=person.customer_ids)
    due |= RefreshRequest.objects.filter(visitor__in=person.visitor_ids)
    counts["refresh_requests"] = due.delete()[0]
    counts["queued_tasks"] = drop_messages([*person.public_ids, *map(str, person.visitor_ids)])
    return +counts


def _erase_from(table: str, person: Person) -> Counter[str]:
    """Remove from the log, or from a month that was detached from it."""
    parameters = person.as_parameters()

    def run(statement: str) -> Any:
        cursor.execute(sql.SQL(statement).format(log=sql.Identifier(table)), parameters)
        return cursor

    with connection.cursor() as cursor:
        events, keys = run(_DELETE_CUSTOMERS).fetchone()
        counts = Counter(events=events, event_keys=keys)
        if person.visitor_ids:
            counts["events_handed_over"] = run(_HAND_OVER).rowcount
            counts["events_without_device"] = run(_FORGET_DEVICE).rowcount
            events, keys = run(_DELETE_VISITORS).fetchone()
            counts.update(events=events, event_keys=keys)
    return counts


def _size(person: Person) -> int:
    """Their events, up to `MANY_ROWS`, and the rejected ones, all of which are looked through."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, person.as_parameters() | {"many": MANY_ROWS})
        events: int = cursor.fetchone()[0]
    return events + rows_about("events_rejectedevent")


def _export(person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (("events", orjson.loads(line)) for line in _lines(_SHOWN, person))
    rejected = (
        "SELECT jsonb_build_object('received_at', received_at, 'code', code, 'payload', payload)"  # noqa: S608 - a constant
        f"::text FROM events_rejectedevent WHERE {_REJECTED} ORDER BY id"
    )
    yield from (("rejected_events", orjson.loads(line)) for line in _lines(rejected, person))


def _lines(statement: str, person: Person) -> Iterator[str]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, person.as_parameters())
        while rows := cursor.fetchmany(1000):
            yield from (line for (line,) in rows)


def _unreached() -> list[str]:
    return ["archived months in EVENTS_ARCHIVE_DIR"] if settings.EVENTS_ARCHIVE_DIR else []


HOLDING = Holding(
    (Event, EventKey, RejectedEvent, RefreshRequest),
    _erase,
    _export,
    unreached=_unreached,
    size=_size,
)
