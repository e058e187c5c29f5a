"""Aggregate demand signals: what shoppers did with each product, slot by slot of half an hour.

One statement reads the last 24 hours of the log and the roll-up of the days before, and writes the
products whose signals changed, or whose last row is a day old. Running a slot again changes
nothing, or puts right what came late.

No single shopper, and no botnet below a stated size, makes news:
- bots that are known as such don't count, and each shopper (a customer with all its devices, or a
  visitor) counts once per product in 24 hours,
  and buys at most `UNITS_EACH` units;
- `usual` is the mean of the middle three of the seven days before, so what happened on two days
  doesn't count at all;
- views and carts are told as usual unless they differ from it by more than
  `PRICING_SIGNAL_BAND` shoppers, and then only by what goes beyond. So b shoppers move a count by b
  at most, and by nothing at all where it is less than the band minus b away from usual.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from events.selectors.attribution import ATTRIBUTED, BY_PEOPLE, CUSTOMER, VISITOR
from pricing.models import DemandSignal

SLOT = timedelta(minutes=30)
DAY = timedelta(days=1)
UNITS_EACH = 5
PRIOR_VIEWERS = 50  # of its category's, that a product's conversion starts from
PRIOR_DAYS = 3  # of its category's typical sales, that expected demand starts from
THIN_VIEWERS = 30  # in eight days: fewer, and conversion is the category's above all
LEAST_AVERAGE = 1.0  # units a day: below, today's sales beside the week's say nothing
MOST_COVER = 3650.0
KEPT = timedelta(days=30)

_AGGREGATE = f"""
WITH of_shopper AS (
  SELECT e.product_id, bool_or(e.type = 'view') AS viewed,
    bool_or(e.type = 'add_to_cart') AS carted,
    sum(coalesce(e.quantity, 1)) FILTER (WHERE e.type = 'purchase') AS units
  FROM events_event AS e
  {ATTRIBUTED}
  WHERE e.occurred_at >= %(start)s AND e.occurred_at < %(slot)s AND e.product_id IS NOT NULL
    AND e.type IN ('view', 'add_to_cart', 'purchase') AND {BY_PEOPLE}
  GROUP BY e.product_id, {CUSTOMER}, {VISITOR}
), today AS (
  SELECT product_id, count(*) FILTER (WHERE viewed) AS viewers,
    count(*) FILTER (WHERE carted) AS carters, count(units) AS buyers,
    coalesce(sum(least(units, %(units_each)s)) FILTER (WHERE units > 0), 0) AS units,
    count(*) AS shoppers
  FROM of_shopper GROUP BY product_id
), days AS (
  SELECT product_id,
    array_agg(shoppers ORDER BY shoppers DESC) FILTER (WHERE type = 'view' AND recent) AS views,
    array_agg(shoppers ORDER BY shoppers DESC) FILTER (WHERE type = 'add_to_cart' AND recent)
      AS carts,
    coalesce(sum(shoppers) FILTER (WHERE type = 'purchase' AND recent), 0) AS buyers,
    coalesce(sum(least(units, shoppers * %(units_each)s))
      FILTER (WHERE type = 'purchase' AND recent), 0) / 7.0 AS units
  FROM (
    SELECT *, day >= %(week)s AS recent FROM events_dailyactivity
    WHERE day >= %(gone)s AND day < %(until)s AND product_id IS NOT NULL
      AND type IN ('view', 'add_to_cart', 'purchase')
  ) AS counted
  GROUP BY product_id
), joined AS (
  SELECT product_id, coalesce(p.category_id, 0) AS category_id,
    coalesce(today.viewers, 0) AS viewers, coalesce(today.carters, 0) AS carters,
    coalesce(today.buyers, 0) AS buyers, coalesce(today.units, 0) AS units,
    coalesce(today.shoppers, 0) AS shoppers,
    (coalesce(views[3], 0) + coalesce(views[4], 0) + coalesce(views[5], 0)) / 3.0 AS usual_viewers,
    (coalesce(carts[3], 0) + coalesce(carts[4], 0) + coalesce(carts[5], 0)) / 3.0 AS usual_carters,
    coalesce(days.buyers, 0) AS week_buyers, coalesce(days.units, 0) AS week_units
  FROM today FULL JOIN days USING (product_id)
  JOIN catalogue_product AS p ON p.id = product_id
), categories AS (
  SELECT category_id, 7 * sum(usual_viewers) AS viewers, sum(week_buyers) AS buyers,
    avg(week_units) AS units
  FROM joined GROUP BY category_id
), robust AS (
  SELECT j.*,
    (7 * week_units + %(prior_days)s * c.units) / (7 + %(prior_days)s) AS expected,
    usual_viewers + sign(j.viewers - usual_viewers)
      * greatest(0, abs(j.viewers - usual_viewers) - %(band)s) AS news_viewers,
    usual_carters + sign(carters - usual_carters)
      * greatest(0, abs(carters - usual_carters) - %(band)s) AS news_carters,
    least(1.0, (c.buyers + 1.0) / (c.viewers + 20.0)) AS category_conversion
  FROM joined AS j JOIN categories AS c USING (category_id)
), stocks AS (
  SELECT v.product_id, CASE WHEN bool_and(v.stock IS NOT NULL) THEN sum(v.stock) END AS stock
  FROM catalogue_variant AS v JOIN catalogue_offer AS o ON o.variant_id = v.id
  GROUP BY v.product_id
), signals AS (
  SELECT product_id, round(news_viewers / 24, 4)::float AS views_per_hour,
    round(news_carters / 24, 4)::float AS carts_per_hour, units::float AS purchases_per_day,
    round(week_units, 4)::float AS purchases_week_average,
    CASE WHEN week_units >= %(least)s THEN round(units / week_units, 4)::float END AS demand_ratio,
    round(least(1.0, (week_buyers + buyers + %(prior_viewers)s * category_conversion)
      / (7 * usual_viewers + news_viewers + %(prior_viewers)s)), 5)::float AS conversion,
    CASE WHEN stock IS NOT NULL AND expected > 0
      THEN round(least(%(most_cover)s, stock / expected), 2)::float END AS days_of_cover,
    stock, shoppers AS visitors, 7 * usual_viewers + news_viewers < %(thin)s AS is_borrowed
  FROM robust LEFT JOIN stocks USING (product_id)
)
INSERT INTO pricing_demandsignal AS old (product_id, slot, views_per_hour, carts_per_hour,
  purchases_per_day, purchases_week_average, demand_ratio, conversion, days_of_cover, stock,
  visitors, is_borrowed)
SELECT new.product_id, %(slot)s, new.views_per_hour, new.carts_per_hour, new.purchases_per_day,
  new.purchases_week_average, new.demand_ratio, new.conversion, new.days_of_cover, new.stock,
  new.visitors, new.is_borrowed
FROM signals AS new
LEFT JOIN LATERAL (
  SELECT * FROM pricing_demandsignal AS s
  WHERE s.product_id = new.product_id AND s.slot <= %(slot)s ORDER BY s.slot DESC LIMIT 1
) AS last ON true
WHERE last.slot IS NULL OR last.slot = %(slot)s OR last.slot <= %(start)s
  OR (last.views_per_hour, last.carts_per_hour, last.purchases_per_day,
      last.purchases_week_average, last.demand_ratio, last.conversion, last.days_of_cover,
      last.stock, last.visitors, last.is_borrowed)
    IS DISTINCT FROM (new.views_per_hour, new.carts_per_hour, new.purchases_per_day,
      new.purchases_week_average, new.demand_ratio, new.conversion, new.days_of_cover,
      new.stock, new.visitors, new.is_borrowed)
ON CONFLICT (product_id, slot) DO UPDATE SET
  views_per_hour = EXCLUDED.views_per_hour, carts_per_hour = EXCLUDED.carts_per_hour,
  purchases_per_day = EXCLUDED.purchases_per_day,
  purchases_week_average = EXCLUDED.purchases_week_average,
  demand_ratio = EXCLUDED.demand_ratio, conversion = EXCLUDED.conversion,
  days_of_cover = EXCLUDED.days_of_cover, stock = EXCLUDED.stock, visitors = EXCLUDED.visitors,
  is_borrowed = EXCLUDED.is_borrowed, computed_at = now()
WHERE (old.views_per_hour, old.carts_per_hour, old.purchases_per_day,
    old.purchases_week_average, old.demand_ratio, old.conversion, old.days_of_cover, old.stock,
    old.visitors, old.is_borrowed)
  IS DISTINCT FROM (EXCLUDED.views_per_hour, EXCLUDED.carts_per_hour,
    EXCLUDED.purchases_per_day, EXCLUDED.purchases_week_average, EXCLUDED.demand_ratio,
    EXCLUDED.conversion, EXCLUDED.days_of_cover, EXCLUDED.stock, EXCLUDED.visitors,
    EXCLUDED.is_borrowed)
"""  # noqa: S608 - our own fragments

# Whatever the planner believes of tables that have just been filled: nothing here is worth a nested
# loop, but for the look at each product's last row, which can't be had otherwise.
_PLANNED = f"""
SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true);
{_AGGREGATE};
SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT
"""


@dataclass(frozen=True, slots=True)
class Aggregated:
    """The slot, and how many products' signals changed in it."""

    slot: datetime
    changed: int


def slot_of(moment: datetime) -> datetime:
    """The end of the last half hour that is over at `moment`."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // SLOT * SLOT


def aggregate_signals(as_of: datetime) -> Aggregated:
    """Write the signals of the slot that ended last at `as_of`."""
    slot = slot_of(as_of)
    start = slot - DAY
    until = start.date()  # days that were over when the last 24 hours began
    parameters: dict[str, Any] = {
        "slot": slot,
        "start": start,
        "until": until,
        "week": until - 7 * DAY,
        "gone": until - 10 * DAY,  # whose activity ended lately: they fall to nothing
        "band": settings.PRICING_SIGNAL_BAND,
        "units_each": UNITS_EACH,
        "prior_viewers": PRIOR_VIEWERS,
        "prior_days": PRIOR_DAYS,
        "thin": THIN_VIEWERS,
        "least": LEAST_AVERAGE,
        "most_cover": MOST_COVER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED, parameters)
        cursor.nextset()
        return Aggregated(slot, cursor.rowcount)


def prune_signals(as_of: datetime) -> int:
    """Delete signals of slots long past; how many rows that were."""
    return DemandSignal.objects.filter(slot__lt=as_of - KEPT).delete()[0]
