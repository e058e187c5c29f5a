"""Campaigns begin, overlap, end, and leave prices as they were."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalogue.models import Offer, Variant
from pricing.models import PriceHistory, PricingRule
from pricing.services.campaigning import run_campaigns
from pricing.services.freezing import freeze_product, unfreeze_product
from pricing.services.ruling import retire_rule, save_rule
from pricing.services.switching import kill_prices, resume_prices
from tests.factories.catalogue import make_product
from tests.factories.pricing import make_rule

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def charged():
    return Offer.objects.get(variant__product__public_id="mug").amount


def schedule(name, ratio="0.8", begin=0, end=None, **fields):
    now = timezone.now()
    rule = PricingRule(
        **{"campaign_list_ratio": Decimal(ratio)} | fields, name=name, currency="USD",
        decider="campaign", active_from=now + begin * HOUR,
        active_until=None if end is None else now + end * HOUR,
    )  # fmt: skip
    return save_rule(rule, "ann")


def at(hours):
    return run_campaigns(timezone.now() + hours * HOUR)


def test_a_campaign_begins_and_restores_list_price(variant):
    schedule("sale", begin=1, end=3)
    assert at(0) == {"begun": 0, "ended": 0}
    assert at(1.1) == {"begun": 1, "ended": 0}
    assert charged() == 80
    assert at(2) == {"begun": 0, "ended": 0}
    assert at(3) == {"begun": 0, "ended": 1}
    row = PriceHistory.objects.in_force().get()
    assert (row.amount, row.basis, row.cause) == (100, "list", "campaign_ended")


def test_a_campaign_restores_a_decided_price(variant, decide):
    make_rule(max_change_day=Decimal("0.05"))
    decide(96)
    rule = schedule("sale", "0.5", end=2)
    at(0)
    assert charged() == 50
    assert decide(97)["considered"] == 0
    at(2)
    row = PriceHistory.objects.in_force().get()
    assert (row.amount, row.basis, row.rule) == (96, "restored", rule)


def test_of_overlapping_campaigns_the_later_wins_and_both_are_restored(variant):
    schedule("spring", "0.9", begin=0, end=6)
    schedule("day", "0.7", begin=2, end=4)
    prices = []
    for hours in (0, 1, 2.1, 3, 4, 5, 6, 7):
        at(hours)
        prices.append(charged())
    assert prices == [90, 90, 70, 70, 90, 90, 100, 100]
    assert Offer.objects.get().prior_price is None


def test_priority_overrules_the_later_campaign(variant):
    schedule("spring", "0.9", begin=0, end=6, priority=1)
    schedule("day", "0.7", begin=2, end=8)
    prices = []
    for hours in (1, 3, 6.1, 8):
        at(hours)
        prices.append(charged())
    assert prices == [90, 90, 70, 100]


def test_the_floor_holds_in_a_campaign_and_after_it(variant):
    schedule("sale", "0.3", end=1, margin_floor=Decimal("0.2"))
    at(0)
    assert charged() == 60
    Variant.objects.update(cost=90)
    assert charged() == 108
    at(1)
    assert charged() == 108


def test_a_cancelled_campaign_ends_at_once(variant):
    schedule("sale", end=5)
    at(0)
    retire_rule("sale", "ann")
    at(0)
    assert charged() == 100


def test_a_campaign_comes_back_after_the_kill_switch(variant):
    schedule("sale", end=5)
    at(0)
    kill_prices("ann")
    assert (at(0)["begun"], charged()) == (0, 100)
    resume_prices("ann")
    assert (at(0)["begun"], charged()) == (1, 80)


def test_a_frozen_product_takes_no_part(variant):
    freeze_product(variant.product, "ann")
    schedule("sale", end=5)
    at(0)
    assert charged() == 100
    assert unfreeze_product(variant.product, "ann")
    at(0)
    assert charged() == 80


def test_a_campaign_without_a_beginning_begins_when_it_is_kept(variant):
    save_rule(PricingRule(name="now", currency="USD", decider="campaign", campaign_price=70), "ann")
    assert at(0.01) == {"begun": 1, "ended": 0}
    assert charged() == 70


def test_a_campaign_that_can_not_be_charged_holds_up_no_other(variant):
    other = make_product("cup", list_price=100).variants.get()
    fields = {"scope": "product", "campaign_list_ratio": None}
    schedule("too dear", campaign_price=Decimal("9999999999.9999"), **fields,
             product=variant.product)  # fmt: skip
    schedule("fine", campaign_price=Decimal(70), **fields, product=other.product)
    assert at(0.01) == {"begun": 1, "ended": 0}
    assert (charged(), Offer.objects.get(variant=other).amount) == (100, 70)
