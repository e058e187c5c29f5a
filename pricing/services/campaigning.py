"""Campaigns: prices from a day to another, that restore themselves.

A campaign is a rule version with guardrails of its own, which its prices cite; without a beginning
it begins when it is kept. Of several that
cover a product the highest priority wins, then the one that began last. When none is left, the
price that stood before the first of them returns, as far as the floor lets it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from api.rest.currencies import unit_of
from pricing.algorithms.guardrails import Guarded, Standing, apply_guardrails, round_to
from pricing.models import PricingRule
from pricing.selectors.standings import load_standings
from pricing.services.publishing import Change, publish_prices

_LIVE = """
  SELECT r.* FROM pricing_pricingrule AS r
  WHERE r.decider = 'campaign' AND r.retired_at IS NULL AND r.currency = %(currency)s
    AND coalesce(r.active_from, r.created_at) <= %(now)s
    AND (r.active_until IS NULL OR r.active_until > %(now)s)
"""
_IN_CAMPAIGN = """
  SELECT h.variant_id FROM pricing_pricehistory AS h
  WHERE upper_inf(h.period) AND h.basis = 'campaign'
"""
_ANY = f"SELECT EXISTS ({_LIVE}) OR EXISTS ({_IN_CAMPAIGN})"

# Variants whose campaign, if any, is not the one that their price stands on; of those that a
# campaign reaches.
_DUE = f"""
WITH live AS MATERIALIZED ({_LIVE}), reached (product_id) AS (
  SELECT live.product_id FROM live WHERE live.scope = 'product'
  UNION
  SELECT p.id FROM live JOIN catalogue_product AS p ON p.brand_id = live.brand_id
  WHERE live.scope = 'brand'
  UNION
  SELECT p.id FROM live JOIN catalogue_category AS above ON above.id = live.category_id
  JOIN catalogue_category AS c ON c.path[1:cardinality(above.path)] = above.path
  JOIN catalogue_product AS p ON p.category_id = c.id
  WHERE live.scope = 'category'
  UNION
  SELECT p.id FROM catalogue_product AS p
  WHERE EXISTS (SELECT FROM live WHERE live.scope = 'all')
), candidate (variant_id) AS (
  SELECT v.id FROM reached JOIN catalogue_variant AS v USING (product_id)
  UNION ({_IN_CAMPAIGN})
)
SELECT o.variant_id, won.id, h.rule_id, won.campaign_price, won.campaign_list_ratio
FROM candidate JOIN catalogue_offer AS o USING (variant_id)
JOIN catalogue_variant AS v ON v.id = o.variant_id
JOIN pricing_pricehistory AS h ON h.variant_id = v.id AND upper_inf(h.period)
LEFT JOIN LATERAL (
  SELECT live.id, live.campaign_price, live.campaign_list_ratio
  FROM pricing_pricingrule AS live
  WHERE live.id IN (SELECT id FROM live) AND pricing_covers(live, v.product_id)
  ORDER BY live.priority DESC, coalesce(live.active_from, live.created_at) DESC, live.id DESC
  LIMIT 1
) AS won ON true
WHERE o.currency = %(currency)s
  AND (h.basis = 'campaign' OR won.id IS NOT NULL)
  AND NOT (h.basis = 'campaign' AND won.id IS NOT NULL AND h.rule_id = won.id)
  AND NOT pricing_is_killed(v.product_id)
  AND (won.id IS NULL OR NOT pricing_is_frozen(v.product_id, %(now)s))
ORDER BY o.variant_id
"""  # noqa: S608 - our own fragments

# What stood before the campaigns, and whether that was list price or floor.
_BEFORE = """
SELECT DISTINCT ON (h.variant_id) h.variant_id, h.amount, h.basis
FROM pricing_pricehistory AS h
WHERE h.variant_id = ANY(%s) AND h.basis <> 'campaign'
ORDER BY h.variant_id, lower(h.period) DESC
"""


def run_campaigns(now: datetime | None = None) -> dict[str, int]:
    """Begin and end the campaigns that are due; how many prices each moved."""
    now = now or timezone.now()
    parameters = {"currency": settings.STORE_CURRENCY, "now": now}
    if not _query(_ANY, parameters)[0][0]:
        return {"begun": 0, "ended": 0}
    due = _query(_DUE, parameters)
    begun = publish_prices(_beginnings([row for row in due if row[1] is not None], now))
    ended = publish_prices(_endings([row for row in due if row[1] is None]))
    # What the guardrails of its campaign no longer let stand as it was, goes to list price.
    refused = [p.change for p in ended if p.outcome == "refused"]
    publish_prices([_to_rest(change.variant_id) for change in refused])
    return {
        "begun": sum(p.outcome == "applied" for p in begun),
        "ended": sum(p.outcome == "applied" for p in ended) + len(refused),
    }


def _query(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor)


def _beginnings(rows: list[tuple[Any, ...]], now: datetime) -> list[Change]:
    if not rows:
        return []
    rules = PricingRule.objects.in_bulk({row[1] for row in rows})
    standings = load_standings([row[0] for row in rows], [row[1] for row in rows], now)
    changes = []
    for variant, rule_id, _, fixed, ratio in rows:
        standing, rule = standings.get(variant), rules[rule_id]
        if standing is None:
            continue
        guarded = _campaign_price(rule, standing, fixed, ratio)
        changes.append(
            Change(
                variant, guarded.price, "campaign", "campaign_began", rule_id,
                decided_by=rule.created_by, approved_by=rule.created_by or "campaign",
                reason=rule.note or rule.name,
            )
        )  # fmt: skip
    return changes


def _campaign_price(
    rule: PricingRule, standing: Standing, fixed: Decimal | None, ratio: Decimal | None
) -> Guarded:
    wanted = fixed if fixed is not None else standing.list_price * (ratio or 1)
    return apply_guardrails(round_to(wanted, unit_of(standing.currency)), rule.guardrails, standing)


def _endings(rows: list[tuple[Any, ...]]) -> list[Change]:
    if not rows:
        return []
    before = {variant: rest for variant, *rest in _query(_BEFORE, [[row[0] for row in rows]])}
    changes = []
    for variant, _, rule_id, _, _ in rows:
        amount, basis = before.get(variant, (None, "list"))
        if basis in {"list", "floor"}:
            changes.append(_to_rest(variant))
        else:
            changes.append(
                Change(
                    variant, amount, "restored", "campaign_ended", rule_id, decided_by="campaign",
                    approved_by="campaign", reason="The campaign is over.",
                )
            )  # fmt: skip
    return changes


def _to_rest(variant_id: int) -> Change:
    return Change(
        variant_id, None, "list", "campaign_ended", decided_by="campaign",
        reason="The campaign is over.",
    )  # fmt: skip
