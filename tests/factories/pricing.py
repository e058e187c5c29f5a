"""Pricing rules for tests."""

from itertools import count
from typing import Any

from pricing.models import PricingRule

_numbers = count(1)


def make_rule(**fields: Any) -> PricingRule:
    """A current rule for all products in USD, without guardrails, approved automatically."""
    defaults = {"name": f"rule-{next(_numbers)}", "currency": "USD", "approval": "automatic"}
    return PricingRule.objects.create(**defaults | fields)
