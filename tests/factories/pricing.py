"""Pricing rules and prices for tests."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection

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


class Clock:
    """The database's clock for prices, in the hands of a test; within its transaction."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION pricing_now() RETURNS timestamptz VOLATILE"
                " LANGUAGE sql AS $$ SELECT current_setting('tests.now')::timestamptz $$"
            )
        self.turn(moment)

    def turn(self, moment: datetime) -> None:
        """Let it be `moment`."""
        self.moment = moment
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('tests.now', %s, false)", [moment.isoformat()])

    def pass_by(self, **time: float) -> None:
        """Let time pass, such as `days=1`."""
        self.turn(self.moment + timedelta(**time))
