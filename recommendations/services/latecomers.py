"""Shoppers of whom a run cannot know all: they acted after its training began to read."""

from datetime import datetime

from django.db import connection

from events.selectors import ATTRIBUTED, CUSTOMER

_LATECOMERS = f"""
WITH late AS (
  SELECT DISTINCT {CUSTOMER} AS customer_id, e.visitor_id
  FROM events_event AS e
  {ATTRIBUTED}
  WHERE e.received_at >= %(since)s AND e.occurred_at >= %(since)s - interval '1 day'
  UNION
  SELECT unnest(ARRAY[link.customer_id, NULL]), link.visitor_id
  FROM customers_identitylink AS link
  WHERE greatest(link.linked_at, link.logged_out_at, link.undone_at) >= %(since)s
  UNION
  SELECT unnest(ARRAY[merged_id, into_id]), NULL FROM customers_customermerge
  WHERE greatest(merged_at, undone_at) >= %(since)s
  UNION
  SELECT id, NULL FROM customers_customer WHERE consented_at >= %(since)s
), customers AS (
  INSERT INTO events_refreshrequest (customer_id, requested_at)
  SELECT DISTINCT late.customer_id, clock_timestamp()
  FROM late JOIN customers_customer AS customer ON customer.id = late.customer_id
  ORDER BY 1
  ON CONFLICT (customer_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
)
INSERT INTO events_refreshrequest (visitor_id, requested_at)
SELECT DISTINCT late.visitor_id, clock_timestamp()
FROM late JOIN customers_visitor AS visitor ON visitor.id = late.visitor_id
WHERE late.customer_id IS NULL
ORDER BY 1
ON CONFLICT (visitor_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
"""  # noqa: S608 - put together from constants


def refresh_latecomers(since: datetime) -> None:
    """Ask for a refresh of whoever did something, or was found to be somebody, from `since` on."""
    with connection.cursor() as cursor:
        cursor.execute(_LATECOMERS, {"since": since})
