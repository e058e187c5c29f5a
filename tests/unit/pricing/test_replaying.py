"""A price path as it would have gone: windows, anchors and cool-down as the database has them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pricing.algorithms.decisions import Situation
from pricing.algorithms.guardrails import Guardrails
from pricing.algorithms.replaying import Charged, PricePath, mean_price, situation_at

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
STILL = Situation(1, 1, 1, None, Decimal(100), Decimal(100), Decimal(40), None, "USD")


def path(*charged):
    first = Charged(START - 48 * HOUR, Decimal(100))
    return PricePath([first, *charged])


def test_small_steps_do_not_add_up_past_the_largest_change_of_a_day():
    guardrails = Guardrails(max_change_interval=Decimal("0.05"), max_change_day=Decimal("0.08"))
    one = path()
    for number in range(10):
        wanted = one.price * Decimal("0.9")
        one.follow(wanted, situation_at(STILL, one), guardrails, START + number * HOUR)
    assert one.price == 92
    later = START + 30 * HOUR
    one.follow(Decimal(50), situation_at(STILL, one), guardrails, later)
    assert one.price == Decimal("87.40")


def test_an_anchor_begins_the_windows_anew():
    guardrails = Guardrails(max_change_day=Decimal("0.1"))
    one = path(Charged(START, Decimal(60), is_anchor=True))
    one.follow(Decimal(10), situation_at(STILL, one), guardrails, START + HOUR)
    assert one.price == 54


def test_cool_down_runs_from_a_decision_only():
    guardrails = Guardrails(cool_down_minutes=90)
    one = path(Charged(START, Decimal(99)))
    assert one.follow(Decimal(90), STILL, guardrails, START + HOUR).price == 90
    held = one.follow(Decimal(80), STILL, guardrails, START + 2 * HOUR)
    assert held.held == "cool_down"
    assert one.price == 90
    one.follow(Decimal(80), STILL, guardrails, START + 3 * HOUR)
    assert one.price == 80


def test_the_price_at_a_time_and_on_average():
    one = path(Charged(START + HOUR, Decimal(80)), Charged(START + 3 * HOUR, Decimal(90)))
    assert one.at(START) == 100
    assert one.at(START + HOUR) == 80
    assert one.at(START - 1000 * HOUR) == 100
    average = mean_price(one, START, START + 4 * HOUR)
    assert average == pytest.approx(Decimal("87.5"))
