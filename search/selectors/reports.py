"""What shoppers looked for over a period: by volume, in vain, and without a click."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection

Report = Literal["popular", "no_results", "no_clicks"]
REPORTS: tuple[Report, ...] = ("popular", "no_results", "no_clicks")

# First pages only: a search that is paged through was made once. What followed counts where it
# names the answer's request and one of its shoppers, as in `services.suggestions`.
_QUERIES = """
WITH asked AS MATERIALIZED (
  SELECT request_id, lower(query) AS query, visitor_id, customer_id, created_at,
    cardinality(product_ids) AS shown
  FROM search_searchquery
  WHERE created_at >= %(start)s AND created_at < %(end)s AND "offset" = 0 AND query <> ''
),
followed AS MATERIALIZED (
  SELECT e.request_id, bool_or(e.type = 'purchase') AS bought
  FROM events_event AS e
  WHERE e.occurred_at >= %(start)s AND e.request_id IS NOT NULL
    AND e.type IN ('click', 'add_to_cart', 'purchase')
  GROUP BY e.request_id
),
counted AS (
  SELECT asked.query, count(*) AS searches,
    count(DISTINCT coalesce('c' || customer_id, 'v' || visitor_id)) AS shoppers,
    count(*) FILTER (WHERE shown = 0) AS in_vain,
    count(followed.request_id) AS followed,
    count(*) FILTER (WHERE followed.bought) AS bought,
    max(asked.created_at) AS last_at
  FROM asked
  LEFT JOIN followed ON followed.request_id = asked.request_id::text
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
"""


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
