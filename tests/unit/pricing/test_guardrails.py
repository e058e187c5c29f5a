"""From the price that is wanted to the one that may be charged."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rest.currencies import unit_of
from pricing.algorithms.guardrails import (
    Clamp,
    Guardrails,
    Standing,
    apply_guardrails,
    change_range,
    floor_of,
    price_range,
)


def d(text):
    return Decimal(text)


AT_LIST = Standing(
    price=d(100), list_price=d(100), cost=d(50), currency="EUR",
    interval_price=d(100), day_price=d(100),
)  # fmt: skip


def charge(wanted, guardrails=None, **standing):
    return apply_guardrails(d(wanted), guardrails or Guardrails(), replace(AT_LIST, **standing))


def test_without_guardrails_the_wanted_price_is_charged_in_whole_minor_units():
    assert charge("93.127").price == d("93.13")
    assert charge("93.5", currency="JPY").price == 94
    assert charge("93.12345", currency="BHD").price == d("93.123")


def test_the_largest_change_is_measured_from_where_the_window_began():
    rails = Guardrails(max_change_interval=d("0.05"), max_change_day=d("0.1"))
    assert charge(50, rails).price == 95
    assert charge(200, rails).price == 105
    # Two small steps were made today: from 100 to 93, so 90 is as far as it goes.
    assert charge(50, rails, price=d(93), interval_price=d(93)).price == 90


def test_minimum_and_maximum_overrule_the_largest_change():
    rails = Guardrails(max_change_day=d("0.1"), min_price=d(95), max_list_ratio=d("1.02"))
    assert charge(50, rails).price == 95
    assert charge(150, rails).price == 102
    raised = replace(rails, min_price=d(120), max_list_ratio=None)
    assert charge(100, raised).price == 120


@pytest.mark.parametrize(
    ("wanted", "ending", "currency", "charged"),
    [
        ("93.10", "99", "EUR", "92.99"),
        ("93.60", "99", "EUR", "93.99"),
        ("93.60", "9", "EUR", "93.59"),
        ("931", "9", "JPY", "929"),
        ("93.1234", "999", "BHD", "92.999"),
    ],
)
def test_endings_count_in_minor_units(wanted, ending, currency, charged):
    assert charge(wanted, Guardrails(ending=ending), currency=currency).price == d(charged)


def test_an_ending_never_passes_a_guardrail():
    assert charge(50, Guardrails(ending="99", min_price=d("93.10"))).price == d("93.99")
    narrow = Guardrails(ending="99", min_price=d("93.10"), max_price=d("93.50"))
    assert charge(50, narrow).price == d("93.10")
    assert charge(50, Guardrails(ending="99", margin_floor=d("0.2"))).price == d(60)


def test_nothing_passes_the_floor_and_the_trail_tells_each_step_in_order():
    rails = Guardrails(max_change_day=d("0.1"), max_price=d(80), margin_floor=d(1))
    guarded = charge(10, rails)
    assert (guarded.price, guarded.is_floor) == (100, True)
    assert guarded.clamps == (
        Clamp("largest_change", d(10), d(90)),
        Clamp("minimum_maximum", d(90), d(80)),
        Clamp("floor", d(80), d(100)),
    )


def test_below_list_price_without_a_cost_a_person_must_agree():
    assert charge(90, cost=None).needs_person
    assert not charge(110, cost=None).needs_person
    assert not charge(90, cost=d(1)).needs_person


def test_cool_down_and_hysteresis_hold_the_price_but_not_the_floor():
    rails = Guardrails(cool_down_minutes=60, hysteresis=d("0.02"))
    assert charge(90, rails, minutes_since_change=59).held == "cool_down"
    assert charge(90, rails, minutes_since_change=60).price == 90
    assert charge("98.5", rails).held == "hysteresis"
    assert charge(98, rails).price == 98
    dearer = charge(90, rails, minutes_since_change=1, cost=d(120))
    assert (dearer.price, dearer.is_floor) == (120, True)


def test_where_no_minor_unit_lies_between_the_bounds_the_price_stays():
    rails = Guardrails(max_change_day=d("0.1"))
    small = {"currency": "JPY", "price": d("1.5"), "interval_price": d("1.5"), "cost": None}
    assert charge(3, rails, **small, day_price=d("1.5")).held == "no_room"


fractions = st.none() | st.decimals("0", "1", places=3)
amounts = st.decimals("0.01", "5000", places=2)


@st.composite
def cases(draw):
    rails = Guardrails(
        max_change_interval=draw(fractions), max_change_day=draw(fractions),
        min_price=draw(st.none() | amounts), max_price=draw(st.none() | amounts),
        min_list_ratio=draw(fractions), ending=draw(st.sampled_from(["", "9", "99", "95", "000"])),
        margin_floor=draw(st.decimals("0", "2", places=2)),
        hysteresis=draw(st.sampled_from([d(0), d("0.03")])),
    )  # fmt: skip
    standing = Standing(
        price=draw(amounts), list_price=draw(amounts), cost=draw(st.none() | amounts),
        currency=draw(st.sampled_from(["EUR", "JPY", "BHD"])),
        interval_price=draw(amounts), day_price=draw(amounts),
    )  # fmt: skip
    return draw(amounts), rails, standing


@given(cases())
def test_a_charged_price_lies_within_every_guardrail_or_is_the_floor_or_stays(case):
    wanted, rails, standing = case
    guarded = apply_guardrails(wanted, rails, standing)
    floor = floor_of(standing.cost, rails.margin_floor, standing.currency)
    assert floor is None or guarded.price >= floor
    if guarded.is_floor:
        assert guarded.price == floor
    elif not guarded.held:
        between = price_range(rails, standing.list_price)
        assert change_range(rails, standing).narrowed(between).holds(guarded.price)
        assert guarded.price % unit_of(standing.currency) == 0
    elif guarded.held:
        assert guarded.price == standing.price


@given(cases())
def test_the_trail_leads_from_the_wanted_price_to_the_charged_one(case):
    wanted, rails, standing = case
    guarded = apply_guardrails(wanted, rails, standing)
    price = wanted
    for clamp in guarded.clamps:
        assert clamp.before == price
        price = clamp.after
    assert price == guarded.price
