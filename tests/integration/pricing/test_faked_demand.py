"""One visitor's thousands of views and carts move no price; the same from 500 visitors does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.models import Visitor
from events.models import DailyActivity, Event
from events.services import ensure_partitions
from pricing.services.deciding import decide_prices
from pricing.services.signals import aggregate_signals, slot_of
from tests.factories.catalogue import make_product
from tests.factories.pricing import make_rule

pytestmark = pytest.mark.django_db

WANTED = [
    {"when": [{"signal": "carts_per_hour", "op": ">", "value": 0.5}], "change": "0.05"},
    {"when": [{"signal": "views_per_hour", "op": ">", "value": 2}], "change": "0.03"},
    {"when": [{"signal": "conversion", "op": "<", "value": 0.03}], "change": "-0.05"},
]


@pytest.fixture
def product():
    """With 30 viewers, 6 who put it into the cart and 3 buyers on each day of the week before."""
    product = make_product(list_price=Decimal(20), cost=Decimal(8))
    today = slot_of(timezone.now()).date()
    ensure_partitions(today - timedelta(days=2), today)
    for back in range(1, 11):
        for kind, count in (("view", 30), ("add_to_cart", 6), ("purchase", 3)):
            DailyActivity.objects.create(
                product=product, day=today - timedelta(days=back), type=kind, events=count,
                shoppers=count, units=count, revenue=0,
            )  # fmt: skip
    make_rule(steps=WANTED)
    act(product, visitors(30), "view", 1)
    act(product, visitors(6), "add_to_cart", 1)
    return product


def visitors(count):
    return Visitor.objects.bulk_create([Visitor() for _ in range(count)])


def act(product, who, kind, each):
    moment = slot_of(timezone.now()) - timedelta(hours=1)
    Event.objects.bulk_create(
        [
            Event(type=kind, visitor=one, product=product, occurred_at=moment,
                  event_id=f"{kind}-{one.pk}-{number}")
            for one in who for number in range(each)
        ]
    )  # fmt: skip


def price_after_a_round(product):
    aggregate_signals(timezone.now())
    decide_prices()
    return product.variants.get().offer.amount


def test_one_visitor_moves_no_price(product):
    who = visitors(1)
    act(product, who, "view", 5_000)
    act(product, who, "add_to_cart", 5_000)
    assert price_after_a_round(product) == 20


def test_a_botnet_below_the_band_moves_no_price(product):
    who = visitors(19)
    act(product, who, "view", 20)
    act(product, who, "add_to_cart", 20)
    assert price_after_a_round(product) == 20


def test_five_hundred_visitors_do(product):
    who = visitors(500)
    act(product, who, "view", 10)
    act(product, who, "add_to_cart", 10)
    assert price_after_a_round(product) == 21
