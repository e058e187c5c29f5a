"""Read what a replay of past rounds needs: variants, prices, signals and rounds as they were."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Min

from catalogue.models import Product
from pricing.algorithms.decisions import Situation
from pricing.algorithms.replaying import Charged, PricePath
from pricing.models import DemandSignal, PriceHistory, PriceProposal, PricingRule
from pricing.selectors.standings import SIGNAL_COLUMNS

# From these bases the largest changes are measured anew; they are replayed as they were.
ANCHORS = ("list", "floor", "campaign", "restored")
DECIDED = ("rules", "model", "imported")
FRESH = timedelta(hours=25)

_VARIANTS = """
SELECT pricing_rule_for(p.id, %(currency)s, %(now)s), v.id, p.id, p.category_id, p.brand_id,
  o.amount, v.list_price, v.cost, v.stock, o.currency
FROM catalogue_product AS p
JOIN catalogue_variant AS v ON v.product_id = p.id
JOIN catalogue_offer AS o ON o.variant_id = v.id AND o.currency = %(currency)s
WHERE p.published ORDER BY v.id
"""

_SIGNALS = f"""
SELECT DISTINCT ON (product_id) product_id, {", ".join(SIGNAL_COLUMNS)}
FROM pricing_demandsignal WHERE slot <= %s AND slot > %s ORDER BY product_id, slot DESC
"""  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True)
class Offered:
    """A variant as it stands now, and the rule version that governs it."""

    rule_id: int | None
    situation: Situation


def load_offered(currency: str, now: datetime) -> list[Offered]:
    """Every variant that is on sale, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_VARIANTS, {"currency": currency, "now": now})
        return [Offered(row[0], Situation(*row[1:])) for row in cursor.fetchall()]


def covered_products(rule: PricingRule) -> Collection[int]:
    """The products in the scope of a rule that need not have been kept."""
    products = Product.objects.all()
    if rule.scope == PricingRule.Scope.PRODUCT:
        products = products.filter(pk__in=[rule.product_id])
    elif rule.scope == PricingRule.Scope.BRAND:
        products = products.filter(brand=rule.brand_id)
    elif rule.scope == PricingRule.Scope.CATEGORY and rule.category is not None:
        products = products.in_category(rule.category.slug)
    return set(products.values_list("pk", flat=True))


@dataclass(slots=True)
class Told:
    """A variant's prices: as they were, and those of them that a replay begins with or keeps."""

    actual: PricePath
    begins: PricePath
    later: list[Charged]


def load_paths(variants: Collection[int], start: datetime, end: datetime) -> dict[int, Told]:
    """The prices of each variant from a day before `start` on, in one query.

    A replay begins with the price in force at `start`, and keeps what no decider decided.
    """
    rows = PriceHistory.objects.filter(
        variant__in=list(variants), period__overlap=(start - timedelta(days=2), end)
    ).order_by("variant", "period")
    told: dict[int, Told] = {}
    for variant, period, amount, basis in rows.values_list(
        "variant_id", "period", "amount", "basis"
    ):
        decided = basis in DECIDED[:2]
        one = Charged(period.lower, amount, basis in ANCHORS, decided)
        paths = told.setdefault(variant, Told(PricePath(), PricePath(), []))
        paths.actual.charged.append(one)
        if period.lower <= start or not paths.begins.charged:
            paths.begins.charged.append(one)
        elif basis not in DECIDED:
            paths.later.append(one)
    return told


def load_signals(slot: datetime) -> dict[int, dict[str, Any]]:
    """Each product's latest signals as of `slot`, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_SIGNALS, [slot, slot - FRESH])
        return {row[0]: dict(zip(SIGNAL_COLUMNS, row[1:], strict=True)) for row in cursor}


def load_rounds(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Slot and moment of each round from `start` to `end` that left something, in order.

    Of a round that decided nothing only the slot is known: its moment is a minute later.
    """
    proposals = PriceProposal.objects.filter(created_at__gte=start, created_at__lt=end)
    moments = dict(proposals.order_by().values_list("slot").annotate(at=Min("created_at")))
    slots = DemandSignal.objects.filter(slot__gte=start, slot__lt=end)
    for slot in slots.order_by().values_list("slot", flat=True).distinct():
        moments.setdefault(slot, slot + timedelta(minutes=1))
    return sorted(moments.items(), key=lambda one: one[1])
