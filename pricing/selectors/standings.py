"""How variants stand: what deciders may know of them, and what the guardrails measure from."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from pricing.algorithms.decisions import Situation
from pricing.algorithms.guardrails import Standing

SIGNAL_COLUMNS = (
    "views_per_hour", "carts_per_hour", "purchases_per_day", "purchases_week_average",
    "demand_ratio", "conversion", "days_of_cover", "visitors", "is_borrowed",
)  # fmt: skip

# Variants that a rule governs, neither switched off nor in a campaign; frozen ones are told.
_SITUATIONS = """
WITH governed AS MATERIALIZED (
  SELECT p.id, p.category_id, p.brand_id, pricing_rule_for(p.id, %(currency)s, %(now)s) AS rule_id,
    pricing_is_frozen(p.id, %(now)s) AS is_frozen
  FROM catalogue_product AS p
  WHERE p.published AND (%(everything)s OR p.id = ANY(%(products)s::bigint[]))
    AND NOT (
      EXISTS (SELECT FROM pricing_pricingswitch WHERE is_engaged) AND pricing_is_killed(p.id)
    )
)
SELECT g.rule_id, g.is_frozen, v.id, g.id, g.category_id, g.brand_id, o.amount, v.list_price,
  v.cost, v.stock, o.currency, o.price_version, s.views_per_hour, s.carts_per_hour,
  s.purchases_per_day, s.purchases_week_average, s.demand_ratio, s.conversion, s.days_of_cover,
  s.visitors, s.is_borrowed
FROM governed AS g
JOIN catalogue_variant AS v ON v.product_id = g.id
JOIN catalogue_offer AS o ON o.variant_id = v.id AND o.currency = %(currency)s
JOIN pricing_pricehistory AS h ON h.variant_id = v.id AND upper_inf(h.period)
LEFT JOIN LATERAL (
  SELECT * FROM pricing_demandsignal AS s
  WHERE s.product_id = g.id AND s.slot <= %(slot)s AND s.slot > %(slot)s - interval '25 hours'
  ORDER BY s.slot DESC LIMIT 1
) AS s ON true
WHERE g.rule_id IS NOT NULL AND h.basis <> 'campaign'
ORDER BY v.id
"""

_STANDINGS = """
SELECT v.id, o.amount, v.list_price, v.cost, o.currency,
  coalesce(pricing_reference(
    v.id, o.currency, %(now)s - make_interval(mins => r.interval_minutes)), o.amount),
  coalesce(pricing_reference(v.id, o.currency, %(now)s - interval '24 hours'), o.amount),
  CASE WHEN h.basis IN ('rules', 'model')
    THEN extract(epoch FROM %(now)s - lower(h.period)) / 60 END
FROM unnest(%(variants)s::bigint[], %(rules)s::bigint[]) AS wanted (variant_id, rule_id)
JOIN catalogue_variant AS v ON v.id = wanted.variant_id
JOIN catalogue_offer AS o ON o.variant_id = v.id
JOIN pricing_pricehistory AS h ON h.variant_id = v.id AND upper_inf(h.period)
JOIN pricing_pricingrule AS r ON r.id = wanted.rule_id
"""


@dataclass(frozen=True, slots=True)
class Governed:
    """A variant, the rule that governs it, and the version of its price."""

    rule_id: int
    situation: Situation
    price_version: int
    is_frozen: bool


def load_situations(
    currency: str, slot: datetime, now: datetime, products: Collection[int] | None = None
) -> Iterator[Governed]:
    """Every variant of `products` (None: of all) that a rule governs at `now`, as of `slot`."""
    parameters: dict[str, Any] = {
        "currency": currency, "slot": slot, "now": now,
        "everything": products is None, "products": list(products or ()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SITUATIONS, parameters)
        for row in cursor.fetchall():
            yield _governed(row)


def _governed(row: tuple[Any, ...]) -> Governed:
    (
        rule_id, is_frozen, variant, product, category, brand, price, listed, cost, stock, currency,
        version,
    ) = row[:12]  # fmt: skip
    signals = dict(zip(SIGNAL_COLUMNS, row[12:], strict=True))
    situation = Situation(
        variant, product, category, brand, price, listed, cost, stock, currency, signals
    )
    return Governed(rule_id, situation, version, is_frozen)


def load_standings(
    variant_ids: Collection[int], rule_ids: Collection[int], now: datetime
) -> dict[int, Standing]:
    """How each variant stands to the guardrails of the rule beside it, by variant."""
    parameters: dict[str, Any] = {
        "variants": list(variant_ids),
        "rules": list(rule_ids),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, parameters)
        return {row[0]: _standing(*row[1:]) for row in cursor}


def _standing(  # noqa: PLR0913, PLR0917 - the columns of a row
    price: Decimal, listed: Decimal, cost: Decimal | None, currency: str,
    interval_price: Decimal, day_price: Decimal, minutes: Decimal | None,
) -> Standing:  # fmt: skip
    since = None if minutes is None else float(minutes)
    return Standing(price, listed, cost, currency, interval_price, day_price, since)
