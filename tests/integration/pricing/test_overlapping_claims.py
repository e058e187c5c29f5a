"""What overlapping campaigns may claim, from the first to the day after the last."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalogue.models import Offer
from pricing.models import PricingRule
from pricing.services.campaigning import run_campaigns
from pricing.services.ruling import save_rule
from tests.factories.pricing import Clock, set_price

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def day(number):
    return BEGIN + timedelta(days=number)


def schedule(name, ratio, begin, end):
    save_rule(
        PricingRule(
            name=name, currency="USD", decider="campaign", active_from=day(begin),
            active_until=day(end), campaign_list_ratio=Decimal(ratio),
        ),
        "ann",
    )  # fmt: skip


def test_claims_of_overlapping_campaigns():
    clock = Clock(BEGIN)
    from tests.factories.catalogue import make_product  # noqa: PLC0415

    variant = make_product("mug", list_price=100, cost=1).variants.get()
    schedule("spring", "0.9", 40, 60)
    schedule("weekend", "0.7", 50, 52)
    shown = {}
    for number in (39, 40, 50, 52, 60):
        clock.turn(day(number))
        run_campaigns(day(number))
        shown[number] = Offer.objects.values_list("amount", "prior_price", "discount").get()
    assert shown == {
        39: (100, None, None),
        40: (90, 100, 10),
        50: (70, 100, 30),  # the same reduction, grown
        52: (90, None, None),  # raised: it is over, and nothing is claimed
        60: (100, None, None),
    }
    clock.turn(day(70))
    set_price(variant, 85)
    assert Offer.objects.values_list("prior_price", "discount").get() == (70, None)
