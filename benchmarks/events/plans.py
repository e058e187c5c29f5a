"""Why the log has the indexes that it has: `python -m benchmarks.events.plans [--rows 1000000]`.

Fills a throw-away log with three months (`--days`) of views, carts and purchases that arrive a
little out of order, prints the plan of each read that an index serves, and of the same read without
the index, with sizes, and ways to ask for many shoppers: what docs/events-indexes.md shows.
"""

import argparse
from collections.abc import Iterator

from benchmarks.events.shop import open_services

_FILL = """
INSERT INTO events_event (
  type, visitor_id, customer_id, product_id, event_id, occurred_at, received_at
)
SELECT (ARRAY['view', 'view', 'view', 'click', 'add_to_cart', 'purchase'])[1 + mod(number, 6)],
  CASE WHEN mod(number, 5) > 0
    THEN lpad(to_hex(mod(abs(hashint8(number)::bigint), 20000)), 32, '0')::uuid END,
  CASE WHEN mod(number, 5) = 0 THEN 1 + mod(abs(hashint8(number)::bigint), 3000) END,
  1 + mod(abs(hashint8(number + 1)::bigint), 5000), 'event-' || number,
  -- One in a hundred is days late, as from a device that was offline.
  moment - CASE WHEN mod(number, 100) = 0 THEN interval '2 days'
    ELSE random() * interval '1 minute' END,
  moment
FROM (
  SELECT number, now() - %(days)s * interval '1 day' * (1 - number::float / %(rows)s) AS moment
  FROM generate_series(1, %(rows)s::bigint) AS number
) AS made
"""

# What is read, and the index that it is to justify.
READS = {
    "a customer's history (event_customer)": """
        SELECT product_id FROM events_event
        WHERE customer_id = 42 AND type IN ('view', 'purchase')
          AND occurred_at >= now() - interval '30 days'
        ORDER BY occurred_at DESC LIMIT 100""",
    "a visitor's session (event_visitor)": """
        SELECT product_id FROM events_event
        WHERE visitor_id = lpad(to_hex(7), 32, '0')::uuid AND type = 'view'
          AND occurred_at >= now() - interval '1 day'""",
    "a day of all products (the key: occurred_at, id)": """
        SELECT product_id, type, count(*) FROM events_event
        WHERE occurred_at >= now() - interval '10 days' AND occurred_at < now() - interval '9 days'
        GROUP BY 1, 2""",
    "the latest event (the key)": "SELECT max(occurred_at) FROM events_event",
    "what arrived since (event_received, BRIN)": """
        SELECT count(*), count(DISTINCT product_id) FROM events_event
        WHERE received_at >= now() - interval '10 minutes'""",
}
# Customers' last month, in forms of asking for the time.
_OF_MANY = """
        SELECT count(*) FROM generate_series(1, 200) AS a (id) CROSS JOIN LATERAL (
          SELECT * FROM events_event AS e
          WHERE e.customer_id = a.id AND type IN ('view', 'click', 'add_to_cart', 'purchase')
            {since} OFFSET 0
        ) AS e"""
_SINCE = "now() - interval '30 days'"
_DROP = {
    "event_customer": "DROP INDEX event_customer",
    "event_visitor": "DROP INDEX event_visitor",
    "the key": "ALTER TABLE events_event DROP CONSTRAINT events_event_pkey",
    "event_received": "DROP INDEX event_received",
}
_SIZES = """
SELECT regexp_replace(indexrelid::regclass::text, '.*_(p?key|[a-z_]*idx[0-9]*)$', '\\1') AS name,
  pg_size_pretty(sum(pg_relation_size(indexrelid))), am.amname
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am AS am ON am.oid = relam
JOIN pg_inherits ON inhrelid = indrelid WHERE inhparent = 'events_event'::regclass
GROUP BY pg_get_indexdef(indexrelid, 1, false), am.amname, 1
ORDER BY sum(pg_relation_size(indexrelid)) DESC
"""


def main() -> None:
    """Print plans and sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    options = parser.parse_args()
    with open_services():
        for line in _measure(options.rows, options.days):
            print(line, flush=True)


def _measure(rows: int, days: int) -> Iterator[str]:
    from django.db import connection, transaction  # noqa: PLC0415 - Django must be set up

    from events.services import ensure_partitions  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT now()::date - %s, now()::date", [days + 3])
        ensure_partitions(*cursor.fetchone())
        cursor.execute(_FILL, {"rows": rows, "days": days})
        cursor.execute("VACUUM ANALYZE events_event")
        cursor.execute(_SIZES)
        yield from ("  ".join(row) for row in cursor.fetchall())
        for what, read in _of_many().items():
            yield f"\n## 200 customers' last 30 days, {what}\n"
            yield from _explain(read)
        for what, read in READS.items():
            yield f"\n## {what}\n"
            yield from _explain(read)
            index = next(name for name in _DROP if name in what)
            yield f"\nwithout {index}:\n"
            with transaction.atomic():
                cursor.execute(_DROP[index])
                yield from _explain(read)
                transaction.set_rollback(True)


def _of_many() -> dict[str, str]:
    from events.selectors.attribution import since_of  # noqa: PLC0415 - Django must be set up

    alone = f"AND (e.customer_id, e.occurred_at) >= (a.id, {_SINCE})"
    asked = {
        "the time asked plainly": f"AND e.occurred_at >= {_SINCE}",
        "as events_of asks": since_of("customer_id", "a.id", _SINCE),
        "in every month's index": alone,
    }
    return {what: _OF_MANY.format(since=since) for what, since in asked.items()}


def _explain(read: str) -> Iterator[str]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        for _ in range(2):  # the second finds its pages in memory
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS off, SUMMARY on) {read}")
            lines = [line for (line,) in cursor.fetchall()]
    yield from lines


if __name__ == "__main__":
    main()
