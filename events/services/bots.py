"""Mark as bots whoever does more than a person can."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

# By when it happened, not when it came: an import of history makes nobody a bot. Impressions come
# by the page, and what a shop sells it sends itself. Whom a person judged stays as judged.
_MARK = """
WITH busy AS (
  SELECT visitor_id, customer_id FROM events_event
  WHERE occurred_at >= now() - interval '2 hours'
    AND type NOT IN ('impression', 'purchase', 'return')
  GROUP BY visitor_id, customer_id, date_trunc('hour', occurred_at)
  HAVING count(*) > %(most)s
), visitors AS (
  UPDATE customers_visitor SET is_bot = true, bot_reason = 'rate'
  WHERE id IN (SELECT visitor_id FROM busy WHERE customer_id IS NULL)
    AND NOT is_bot AND bot_reason <> 'person'
  RETURNING 1
), customers AS (
  UPDATE customers_customer SET is_bot = true, bot_reason = 'rate'
  WHERE id IN (SELECT customer_id FROM busy) AND NOT is_bot AND bot_reason <> 'person'
  RETURNING 1
)
SELECT (SELECT count(*) FROM visitors), (SELECT count(*) FROM customers)
"""


@dataclass(frozen=True, slots=True)
class Marked:
    """How many were found to be bots."""

    visitors: int = 0
    customers: int = 0


def mark_bots() -> Marked:
    """Mark who did more than BOT_EVENTS_PER_HOUR in an hour of the last two; 0: nobody is."""
    most = settings.BOT_EVENTS_PER_HOUR
    if not most:
        return Marked()
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"most": most})
        return Marked(*cursor.fetchone())
