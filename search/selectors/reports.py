"""What shoppers looked for over a period: by volume, in vain, and without a click."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection

from search.selectors.successes import SUCCESSES

Report = Literal["popular", "no_results", "no_clicks"]
REPORTS: tuple[Report, ...] = ("popular", "no_results", "no_clicks")

# First pages only: a search that is paged through was made once. Neither what bots looked for
# counts, nor what they did.
_QUERIES = f"""
WITH asked AS MATERIALIZED (
  SELECT s.request_id, lower(s.query) AS query, s.visitor_id, s.customer_id, s.created_at,
    cardinality(s.product_ids) AS shown
  FROM search_searchquery AS s
  WHERE s.created_at >= %(start)s AND s.created_at < %(end)s AND s."offset" = 0 AND s.query <> ''
    AND NOT EXISTS (
      SELECT FROM customers_visitor AS device WHERE device.id = s.visitor_id AND device.is_bot)
    AND NOT EXISTS (
      SELECT FROM customers_customer AS account WHERE account.id = s.customer_id AND account.is_bot)
),
followed AS MATERIALIZED (
  SELECT s.request_id, bool_or(e.type = 'purchase') AS bought
  {SUCCESSES} AND s.created_at >= %(start)s AND s.created_at < %(end)s
    AND e.occurred_at >= %(start)s
  GROUP BY s.request_id
),
counted AS (
  SELECT asked.query, count(*) AS searches,
    count(DISTINCT coalesce('c' || customer_id, 'v' || visitor_id)) AS shoppers,
    count(*) FILTER (WHERE shown = 0) AS in_vain,
    count(followed.request_id) AS followed,
    count(*) FILTER (WHERE followed.bought) AS bought,
    max(asked.created_at) AS last_at
  FROM asked
  LEFT JOIN followed USING (request_id)
  GROUP BY asked.query
)
SELECT query, searches, shoppers, in_vain, followed, bought, last_at
FROM counted
WHERE CASE %(report)s
  WHEN 'no_results' THEN in_vain > 0
  WHEN 'no_clicks' THEN followed = 0 AND in_vain < searches
  ELSE true END
ORDER BY CASE WHEN %(report)s = 'no_results' THEN in_vain ELSE searches END DESC, query
LIMIT %(limit)s
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class QueryLine:
    """A query over a period.

    `without_results` of its `searches` found nothing; `with_clicks` led to a click, a cart or a
    purchase, `with_purchases` to a purchase. `shoppers` counts those who were known.
    """

    query: str
    searches: int
    shoppers: int
    without_results: int
    with_clicks: int
    with_purchases: int
    last_at: datetime


def report_queries(report: Report, start: datetime, end: datetime, limit: int) -> list[QueryLine]:
    """Up to `limit` queries searched from `start` to before `end`, the most searched first.

    `no_results` keeps those that found nothing at least once, by how often; `no_clicks` those that
    found something and never led anywhere.
    """
    parameters: dict[str, Any] = {"report": report, "start": start, "end": end, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_QUERIES, parameters)
        return [QueryLine(*row) for row in cursor]
