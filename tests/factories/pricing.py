"""Pricing rules and prices for tests."""

from decimal import Decimal
from itertools import count
from typing import Any

from catalogue.models import Variant
from pricing.models import Basis, PriceHistory, PricingRule

_numbers = count(1)


def make_rule(**fields: Any) -> PricingRule:
    """A current rule for all products in USD, without guardrails, approved automatically."""
    defaults = {"name": f"rule-{next(_numbers)}", "currency": "USD", "approval": "automatic"}
    return PricingRule.objects.create(**defaults | fields)


def set_price(variant: Variant, amount: Decimal | str | int, **fields: Any) -> PriceHistory:
    """Let `variant` cost `amount` from now on, as a campaign without guardrails would."""
    rule = PricingRule.objects.filter(name=f"tests {variant.currency}").first() or make_rule(
        name=f"tests {variant.currency}", currency=variant.currency, decider="campaign",
        campaign_price=0, margin_floor=Decimal("-0.9999"),
    )  # fmt: skip
    defaults = {"basis": Basis.CAMPAIGN, "rule": rule, "cause": "test", "approved_by": "tests"}
    return PriceHistory.objects.create(variant=variant, amount=Decimal(amount), **defaults | fields)


def reprice(amount: Decimal | str | int, **which: Any) -> None:
    """Let every variant that meets `which` cost `amount` from now on."""
    for variant in Variant.objects.filter(**which):
        set_price(variant, amount)
