"""The prior price (Directive 98/6/EC, Article 6a), by cases worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from catalogue.models import Offer, Variant
from pricing.models import PriorPricePolicy
from tests.factories.catalogue import make_category, make_product
from tests.factories.pricing import Clock, set_price

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def clock():
    return Clock(BEGIN)


def at(day):
    return BEGIN + timedelta(days=day)


def sell(clock, *changes, first=100, currency="USD", **fields):
    """A variant whose price is `first` from day 0, then changed at (day or time, price)."""
    clock.turn(BEGIN)
    product = make_product("mug", list_price=Decimal(first), cost=1, currency=currency, **fields)
    variant = product.variants.get()
    for when, price in changes:
        clock.turn(when if isinstance(when, datetime) else at(when))
        set_price(variant, price)
    return variant


def claim():
    """Prior price and discount that are shown now."""
    return Offer.objects.values_list("prior_price", "discount").get()


def test_raised_before_it_is_lowered_bears_no_discount(clock):
    sell(clock, (10, 100), (30, 90), first=80)
    assert claim() == (80, None)


def test_the_lowest_of_the_thirty_days_before_counts(clock):
    sell(clock, (40, 120), (60, 100), (80, 110), (85, 90))
    assert claim() == (100, 10)


def test_a_lower_price_longer_ago_does_not(clock):
    sell(clock, (10, 100), (41, 90), first=80)
    assert claim() == (100, 10)


def test_the_window_is_thirty_days_to_the_second(clock):
    sell(clock, (10, 100), (40, 90), first=80)
    assert claim() == (100, 10)
    Variant.objects.get().product.delete()
    sell(clock, (at(10) + timedelta(seconds=1), 100), (40, 90), first=80)
    assert claim() == (80, None)


def test_a_reduction_that_grows_keeps_the_prior_price_of_its_first_step(clock):
    sell(clock, (40, 90), (50, 80), (100, 70))
    assert claim() == (100, 30)


def test_unless_the_state_chose_otherwise(clock):
    PriorPricePolicy.objects.create(is_progressive=False)
    sell(clock, (40, 90), (50, 80))
    assert claim() == (90, 11)


def test_a_raise_ends_the_reduction(clock):
    variant = sell(clock, (40, 80), (50, 90))
    assert claim() == (None, None)
    clock.turn(at(55))
    set_price(variant, 85)
    assert claim() == (80, None)


def test_a_price_that_stays_keeps_its_claim(clock):
    sell(clock, (40, 90), (60, 90), (90, 90))
    assert claim() == (100, 10)


def test_a_new_product_counts_since_it_came_on_the_market(clock):
    sell(clock, (5, 90))
    assert claim() == (100, 10)


def test_or_shows_no_discount_until_it_was_there_long_enough(clock):
    PriorPricePolicy.objects.create(new_product_days=30)
    variant = sell(clock, (5, 90))
    assert claim() == (None, None)
    for day, price in ((50, 100), (81, 90)):
        clock.turn(at(day))
        set_price(variant, price)
    assert claim() == (100, 10)


def test_goods_that_spoil_count_from_the_price_just_before(clock):
    food = make_category("Food")
    PriorPricePolicy.objects.create(category=food, is_perishable=True)
    sell(clock, (10, 100), (30, 90), first=80, category=make_category("Food", "Milk"))
    assert claim() == (100, 10)


def test_the_narrowest_policy_counts(clock):
    PriorPricePolicy.objects.create(days=10)
    PriorPricePolicy.objects.create(category=make_category("Food"), days=60)
    sell(clock, (10, 100), (55, 90), first=80, category=make_category("Food"))
    assert claim() == (80, None)


def test_while_it_was_not_sold_it_had_no_price(clock):
    variant = sell(clock)
    clock.turn(at(10))
    Offer.objects.all().delete()
    for day, price, expected in ((50, None, (None, None)), (51, 90, (100, 10))):
        clock.turn(at(day))
        if price is None:
            Offer.objects.create(variant=variant, amount=100, currency="USD")
        else:
            set_price(variant, price)
        assert claim() == expected


def test_a_gap_does_not_forget_a_lower_price_before_it(clock):
    variant = sell(clock, (5, 80))
    clock.turn(at(10))
    Offer.objects.all().delete()
    clock.turn(at(20))
    Offer.objects.create(variant=variant, amount=100, currency="USD")
    assert claim() == (None, None)
    clock.turn(at(30))
    set_price(variant, 90)
    assert claim() == (80, None)


@pytest.mark.parametrize(
    ("zone", "ended", "reduced", "prior"),
    [
        # Clocks went forward on 29 March: the window began at 10:00 CET, which is 09:00 UTC.
        ("Europe/Berlin", "2026-03-11T08:59:59+00:00", "2026-04-10T10:00:00", 100),
        ("Europe/Berlin", "2026-03-11T09:00:01+00:00", "2026-04-10T10:00:00", 80),
        ("UTC", "2026-03-11T08:59:59+00:00", "2026-04-10T10:00:00", 80),
        # They went back on 25 October: it began at 10:00 CEST, which is 08:00 UTC.
        ("Europe/Berlin", "2026-10-11T08:00:01+00:00", "2026-11-10T10:00:00", 80),
        ("UTC", "2026-10-11T08:00:01+00:00", "2026-11-10T10:00:00", 100),
    ],
)
def test_thirty_days_are_days_of_the_calendar(clock, zone, ended, reduced, prior):
    PriorPricePolicy.objects.create(time_zone=zone)
    moment = datetime.fromisoformat(reduced).replace(tzinfo=BERLIN)
    sell(clock, (datetime.fromisoformat(ended), 100), (moment, 90), first=80)
    assert claim() == (prior, 10 if prior == 100 else None)


@pytest.mark.parametrize(
    ("currency", "first", "then", "discount"),
    [("JPY", "1200", "999", 16), ("USD", "9.99", "9.90", None), ("BHD", "12.345", "10.000", 18)],
)
def test_discounts_are_rounded_down_in_every_currency(clock, currency, first, then, discount):
    sell(clock, (40, then), first=first, currency=currency)
    assert claim() == (Decimal(first), discount)


def test_prices_in_another_currency_do_not_count(clock):
    variant = sell(clock, (5, 10))
    clock.turn(at(10))
    variant.currency, variant.list_price = "EUR", Decimal(100)
    variant.save()
    clock.turn(at(20))
    set_price(variant, 90)
    assert claim() == (100, 10)


def test_a_list_price_that_is_lowered_is_a_reduction_as_well(clock):
    variant = sell(clock)
    clock.turn(at(40))
    variant.list_price = Decimal(75)
    variant.save()
    assert claim() == (100, 25)
