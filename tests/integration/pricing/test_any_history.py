"""Whatever happens to a price, it stays within its guardrails, and its history gives the offer."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.rest.currencies import unit_of
from catalogue.models import Offer, Variant
from pricing.algorithms.guardrails import (
    Standing,
    apply_guardrails,
    change_range,
    floor_of,
    price_range,
)
from pricing.models import PriceHistory, PricingRule, PricingSwitch
from pricing.selectors.standings import load_standings
from pricing.services.publishing import Change, publish_prices
from pricing.services.switching import return_to_list
from tests.factories.catalogue import make_product
from tests.factories.pricing import Clock

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck)}
DAY = timedelta(days=1)

factors = st.decimals("0.3", "2.5", places=2)
fractions = st.sampled_from([None, Decimal("0.05"), Decimal("0.2")])
rules = st.fixed_dictionaries(
    {
        "max_change_interval": fractions,
        "max_change_day": fractions,
        "min_list_ratio": st.sampled_from([None, Decimal("0.5"), Decimal("0.9")]),
        "max_list_ratio": st.sampled_from([None, Decimal(1), Decimal("1.5")]),
        "margin_floor": st.sampled_from([Decimal(0), Decimal("0.3")]),
        "ending": st.sampled_from(["", "9", "95"]),
    }
)
steps = st.one_of(
    st.tuples(st.just("want"), factors),
    st.tuples(st.just("want"), factors),
    st.tuples(st.just("raw"), factors),
    st.tuples(st.just("wait"), st.sampled_from([10, 45, 800, 2000, 40_000])),
    st.tuples(st.just("cost"), st.none() | factors),
    st.tuples(st.just("list_price"), factors),
    st.tuples(st.just("rule"), rules),
    st.tuples(st.just("switch"), st.booleans()),
    st.tuples(st.just("withdraw"), st.none()),
    st.tuples(st.just("offer"), st.none()),
)
histories = st.tuples(
    st.sampled_from(["USD", "JPY", "BHD"]), rules, st.lists(steps, min_size=1, max_size=9)
)


class Shop:
    """One variant, a rule that governs it, and a clock."""

    def __init__(self, currency, rule):
        self.clock = Clock(BEGIN)
        self.currency = currency
        product = make_product(list_price=100, cost=40, currency=currency)
        self.variant = product.variants.get()
        self.rule = self._make(rule)

    def _make(self, fields):
        PricingRule.objects.current().update(retired_at=timezone.now())
        version = PricingRule.objects.count() + 1
        return PricingRule.objects.create(
            name="rule", version=version, currency=self.currency, approval="automatic", **fields
        )

    def money(self, factor):
        return (100 * factor).quantize(unit_of(self.currency))

    def do(self, what, value):
        self.clock.pass_by(seconds=1)
        getattr(self, what)(value)
        with connection.cursor() as cursor:  # as a commit would
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def want(self, factor):
        """As the pipeline does: whatever the guardrails make of it must be taken, or be held."""
        now = self.clock.moment
        standing = load_standings([self.variant.pk], [self.rule.pk], now).get(self.variant.pk)
        if standing is None:
            return
        guarded = apply_guardrails(self.money(factor), self.rule.guardrails, standing)
        if guarded.price == standing.price or guarded.needs_person:
            return
        [published] = publish_prices(
            [Change(self.variant.pk, guarded.price, "rules", "proposal", self.rule.pk)]
        )
        killed = PricingSwitch.objects.filter(is_engaged=True).exists()
        floor_passes = guarded.is_floor
        assert (published.outcome == "applied") or killed or floor_passes, published

    def raw(self, factor):
        try:
            with transaction.atomic():
                PriceHistory.objects.create(
                    variant=self.variant, amount=self.money(factor), basis="rules",
                    cause="raw", rule=self.rule,
                )  # fmt: skip
        except IntegrityError:
            pass

    def wait(self, minutes):
        self.clock.pass_by(minutes=minutes)

    def cost(self, factor):
        cost = None if factor is None else self.money(factor) / 2
        Variant.objects.update(cost=cost)

    def list_price(self, factor):
        Variant.objects.update(list_price=self.money(factor))

    def switch(self, engaged):
        PricingSwitch.objects.update_or_create(category=None, defaults={"is_engaged": engaged})
        return_to_list()

    def rule_(self, fields):
        self.rule = self._make(fields)

    def withdraw(self, _):
        Offer.objects.all().delete()

    def offer(self, _):
        if not Offer.objects.exists():
            v = Variant.objects.get()
            Offer.objects.create(variant=v, amount=v.list_price, currency=v.currency)


def reference(rows, since):
    """The price that a window since then is measured from, told anew from the rows before."""
    resets = [r for r in rows if r.basis in {"list", "floor"} and r.period.lower > since]
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
    assert row.amount >= (row.list_price if floor is None else floor)
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


def live_through(history):
    currency, rule, happenings = history
    with transaction.atomic():
        shop = Shop(currency, rule)
        for what, value in happenings:
            shop.do({"rule": "rule_"}.get(what, what), value)
        rows = list(PriceHistory.objects.select_related("rule").order_by("period"))
        check_guardrails(rows)
        check_replay(rows)
        check_claims(rows)
        transaction.set_rollback(True)


FREE = {
    "max_change_interval": None, "max_change_day": None, "min_list_ratio": None,
    "max_list_ratio": None, "margin_floor": Decimal(0), "ending": "",
}  # fmt: skip
AT_FLOOR_ABOVE_LIST = [("want", Decimal("0.4")), ("list_price", Decimal("0.3")), ("switch", True)]


@pytest.mark.parametrize(
    "then",
    [[], [("list_price", Decimal("0.6"))], [("cost", Decimal("0.3"))], [("cost", None)]],
    ids=["stays at its floor", "list price rises", "cost falls", "cost is unknown"],
)
def test_a_killed_price_at_its_floor_follows_list_price_and_cost(then):
    live_through(("USD", FREE, AT_FLOOR_ABOVE_LIST + then))


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
