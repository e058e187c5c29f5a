"""After how long shoppers buy a product again."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from events.selectors.attribution import ATTRIBUTED, BY_PEOPLE, CUSTOMER, VISITOR

# Purchases of one day are one.
_CYCLES = f"""
WITH bought AS (
  SELECT DISTINCT e.product_id, {CUSTOMER} AS customer_id, {VISITOR} AS visitor_id,
    e.occurred_at::date AS day
  FROM events_event AS e {ATTRIBUTED}
  WHERE e.type = 'purchase' AND e.product_id IS NOT NULL AND e.occurred_at >= %(since)s
    AND {BY_PEOPLE}
), gaps AS (
  SELECT product_id, day - lag(day) OVER (
    PARTITION BY product_id, customer_id, visitor_id ORDER BY day) AS days
  FROM bought
)
SELECT product_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY days), count(*)
FROM gaps WHERE days IS NOT NULL
GROUP BY product_id HAVING count(*) >= %(least)s ORDER BY product_id
"""  # noqa: S608 - constants


class Cycle(NamedTuple):
    """The median days between two purchases of a product by one shopper; `intervals` were seen."""

    product_id: int
    days: float
    intervals: int


def purchase_cycles(since: datetime, least: int) -> list[Cycle]:
    """Cycles of products that were bought again at least `least` times since then; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CYCLES, {"since": since, "least": least})
        return [Cycle(*row) for row in cursor]
