"""Whatever happens to a price, it stays within its guardrails, and its history gives the offer."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings

from catalogue.models import Offer, Variant
from pricing.algorithms.guardrails import Standing, change_range, floor_of, price_range
from pricing.models import PriceFreeze, PriceHistory, PriceProposal, PricingSwitch
from tests.factories.price_lives import Shop, histories

pytestmark = pytest.mark.django_db

UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck)}
DAY = timedelta(days=1)
RESETS = {"list", "floor", "campaign", "restored"}


def reference(rows, since):
    """The price that a window since then is measured from, told anew from the rows before."""
    resets = [r for r in rows if r.basis in RESETS and r.period.lower > since]
    before = [r for r in rows if r.period.lower <= since]
    return (resets or before)[-1].amount


def check_guardrails(rows):
    for number, row in enumerate(rows):
        if row.basis == "list":
            assert row.amount == row.list_price
        elif row.basis == "floor":
            assert row.amount == floor_of(row.cost, row.rule.margin_floor, row.currency)
        else:
            check_decided(row, rows[:number])


def check_decided(row, before):
    rails = row.rule.guardrails
    standing = Standing(
        before[-1].amount, row.list_price, row.cost, row.currency,
        reference(before, row.period.lower - timedelta(minutes=rails.interval_minutes)),
        reference(before, row.period.lower - DAY),
    )  # fmt: skip
    floor = floor_of(row.cost, rails.margin_floor, row.currency)
    if floor is not None:
        assert row.amount >= floor
    elif not row.approved_by:
        assert row.amount >= row.list_price
    room = change_range(rails, standing).narrowed(price_range(rails, row.list_price))
    assert room.holds(row.amount)


def check_replay(rows):
    for earlier, later in itertools.pairwise(rows):
        assert earlier.period.upper is not None
        assert earlier.period.upper <= later.period.lower
    offer = Offer.objects.first()
    last = rows[-1]
    assert (offer is None) == (last.period.upper is not None)
    if offer is not None:
        assert (offer.amount, offer.currency, offer.price_version, offer.prior_price) == (
            last.amount, last.currency, last.price_version, last.prior_price,
        )  # fmt: skip
        variant = Variant.objects.get()
        killed = PricingSwitch.objects.filter(is_engaged=True).exists()
        if killed:
            assert offer.amount == max(variant.list_price, floor_under_switch(last, variant))


def floor_under_switch(last, variant):
    """What may hold a price above list: a decided price that is its floor already stays."""
    if last.basis == "floor":
        return last.floor
    if last.basis == "list":
        return Decimal(0)
    return floor_of(variant.cost, last.rule.margin_floor, last.currency) or Decimal(0)


def check_claims(rows):
    for row in rows:
        if row.discount is not None:
            assert row.amount <= row.prior_price * (100 - row.discount) / 100
            begun = row.reduced_since
            lowest = min(
                r.amount for r in rows
                if r.period.lower < begun and (r.period.upper or begun) > begun - 30 * DAY
            )  # fmt: skip
            assert row.prior_price <= lowest


def check_freezes(rows):
    for freeze in PriceFreeze.objects.all():
        ends = [end for end in (freeze.until, freeze.lifted_at) if end]
        for row in rows:
            if row.basis in {"rules", "model", "campaign", "person"}:
                begun = row.period.lower
                assert begun <= freeze.created_at or (ends and begun >= min(ends))


def check_approvals(rows):
    for row in rows:
        if row.basis == "rules" and row.proposal and row.rule.approval == "person":
            assert row.approved_by == "ann"
    applied = PriceProposal.objects.filter(state="applied").values_list("pk", flat=True)
    assert sorted(applied) == sorted(row.proposal_id for row in rows if row.proposal_id)


def live_through(history):
    currency, rule, happenings = history
    with transaction.atomic(), override_settings(STORE_CURRENCY=currency):
        shop = Shop(currency, rule)
        for what, value in happenings:
            shop.do({"rule": "rule_"}.get(what, what), value)
        rows = list(PriceHistory.objects.select_related("rule", "proposal").order_by("period"))
        check_guardrails(rows)
        check_freezes(rows)
        check_approvals(rows)
        check_replay(rows)
        check_claims(rows)
        transaction.set_rollback(True)


FREE = {
    "max_change_interval": None, "max_change_day": None, "min_list_ratio": None,
    "max_list_ratio": None, "margin_floor": Decimal(0), "ending": "", "approval": "automatic",
}  # fmt: skip
AT_FLOOR_ABOVE_LIST = [("want", Decimal("0.4")), ("list_price", Decimal("0.3")), ("switch", True)]


@pytest.mark.parametrize(
    "then",
    [[], [("list_price", Decimal("0.6"))], [("cost", Decimal("0.3"))], [("cost", None)]],
    ids=["stays at its floor", "list price rises", "cost falls", "cost is unknown"],
)
def test_a_killed_price_at_its_floor_follows_list_price_and_cost(then):
    live_through(("USD", FREE, AT_FLOOR_ABOVE_LIST + then))


CAMPAIGN = {"priority": 0, "begins": -10, "lasts": 45, "min_list_ratio": None}


@pytest.mark.parametrize("margin", ["0", "0.1"], ids=["the same floor", "a higher floor"])
def test_a_price_at_its_floor_is_no_campaign_s_any_more_when_that_is_over(margin):
    campaign = CAMPAIGN | {"campaign_list_ratio": Decimal("0.3"), "margin_floor": Decimal(margin)}
    below_cost = ("list_price", Decimal("0.3"))
    live_through(("USD", FREE, [below_cost, ("campaign", campaign), ("wait", 45)]))


@pytest.mark.timeout(900)
@given(histories)
@settings(max_examples=500, **UNHURRIED)
def test_no_price_ever_leaves_its_guardrails(history):
    live_through(history)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@given(histories)
@settings(max_examples=10_000, **UNHURRIED)
def test_no_price_of_ten_thousand_histories_ever_leaves_its_guardrails(history):
    live_through(history)
