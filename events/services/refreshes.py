"""Note whose recommendations are due, and that they were made."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from events.selectors import RefreshDue

# clock_timestamp(), not now(): each request must move the row's time, within a transaction too.
_REQUEST = """
WITH customers AS (
  INSERT INTO events_refreshrequest (customer_id, requested_at)
  SELECT id, clock_timestamp() FROM unnest(%s::bigint[]) AS id
  ON CONFLICT (customer_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
)
INSERT INTO events_refreshrequest (visitor_id, requested_at)
SELECT id, clock_timestamp() FROM unnest(%s::uuid[]) AS id
ON CONFLICT (visitor_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
"""

_COMPLETE = """
DELETE FROM events_refreshrequest AS request
USING unnest(%s::bigint[], %s::timestamptz[]) AS done (id, requested_at)
WHERE request.id = done.id AND request.requested_at = done.requested_at
"""


def request_refreshes(customer_ids: Sequence[int], visitor_ids: Sequence[UUID] = ()) -> None:
    """Note, in the transaction at hand, whose recommendations are due: ids in ascending order."""
    with connection.cursor() as cursor:
        cursor.execute(_REQUEST, [list(customer_ids), list(visitor_ids)])


def complete_refreshes(done: Sequence[RefreshDue]) -> int:
    """Strike off what was done, save what was asked for again meanwhile; how many were struck."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, [[due.id for due in done], [due.requested_at for due in done]])
        struck: int = cursor.rowcount
    return struck
