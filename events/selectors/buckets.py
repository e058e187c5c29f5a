"""What windowed reads of the log share: who a shopper is, and hours and days in UTC."""

from datetime import datetime
from typing import Literal

Bucket = Literal["hour", "day"]

# Who did it: a customer, own or linked now, or else a visitor.
SHOPPER = """
  coalesce(e.customer_id, link.customer_id) AS customer_id,
  CASE WHEN e.customer_id IS NULL AND link.customer_id IS NULL THEN e.visitor_id END AS visitor_id
"""
SHOPPERS_EVENTS = """
FROM events_event AS e
LEFT JOIN customers_identitylink AS link
  ON link.visitor_id = e.visitor_id AND link.unlinked_at IS NULL AND e.customer_id IS NULL
"""


def bucket_start(by: Bucket) -> str:
    """SQL of the hour or day, in UTC, in which `e.occurred_at` falls."""
    if by not in {"hour", "day"}:
        raise ValueError(f"count by hour or day, not by {by}")
    return f"date_trunc('{by}', e.occurred_at, 'UTC')"


def check_window(start: datetime, end: datetime) -> None:
    """Raise ValueError unless `start` is before `end` and both name their zone."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("a window's bounds name their zone")
    if not start < end:
        raise ValueError("a window ends after it begins")
