"""Repricings, approvals, prices set by hand, kill switches and imports, all at once."""

import itertools
import random
from collections import Counter
from decimal import Decimal

import pytest

from catalogue.models import Offer, Variant
from pricing.algorithms.decisions import Proposed
from pricing.algorithms.guardrails import floor_of
from pricing.models import PriceHistory, PriceProposal, PricingRule, PricingSwitch
from pricing.services import deciding, switching
from pricing.services.reviewing import approve_proposals
from pricing.services.setting import Asked, set_prices
from pricing.services.switching import kill_prices, resume_prices, return_to_list
from tests.factories.catalogue import make_product
from tests.factories.pricing import make_rule
from tests.factories.product_lines import product, store, variant
from tests.factories.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCTS = 12


class Moody:
    """Wants another price each time."""

    def decide(self, situations, _terms):
        return [
            Proposed(situation.price * Decimal(random.choice(["0.9", "0.95", "1.05", "1.1"])), ())
            for situation in situations
        ]


@pytest.fixture(autouse=True)
def shop(monkeypatch):
    monkeypatch.setattr(deciding, "load_deciders", lambda _slot: {"rules": Moody()})
    # So that the kill switch, too, returns a few prices by several sessions.
    monkeypatch.setattr(switching, "BATCH", 3)
    monkeypatch.setattr(switching, "SESSIONS", 2)
    for number in range(PRODUCTS):
        make_product(f"p{number}", list_price=100, cost=50, sku=f"s{number}")
    make_rule(margin_floor=Decimal("0.1"), min_list_ratio=Decimal("0.5"), approval="automatic")
    make_rule(scope="product", product=Variant.objects.get(sku="s0").product, approval="person")
    for number in range(1, PRODUCTS // 2):
        make_rule(
            scope="product", product=Variant.objects.get(sku=f"s{number}").product,
            approval="person", margin_floor=Decimal("0.1"),
        )  # fmt: skip


def reprice(_):
    return deciding.decide_prices()


def approve(_):
    pending = list(PriceProposal.objects.pending().values_list("pk", flat=True))
    random.shuffle(pending)
    return Counter(decision.outcome for decision in approve_proposals(pending, "ann"))


def flip(number):
    kill_prices(f"ann {number}")
    resume_prices(f"ann {number}")


def bring_in(_):
    numbers = random.sample(range(PRODUCTS), PRODUCTS)
    lines = [
        product(f"p{n}", variants=[
            variant(f"s{n}", str(random.choice([100, 110])), cost=str(random.choice([50, 70, 95])))
        ])
        for n in numbers
    ]  # fmt: skip
    return store(*lines)


def set_by_hand(_):
    asked = [
        Asked(f"s{n}", Decimal(random.choice([80, 90, 120])), "USD")
        for n in random.sample(range(PRODUCTS), PRODUCTS // 2)
    ]
    return Counter(answer.outcome for answer in set_prices(asked, "ben", "a fair"))


ACTS = [reprice, approve, bring_in, set_by_hand, flip]


def check_one_consistent_history():
    for offer in Offer.objects.select_related("variant"):
        rows = list(PriceHistory.objects.filter(variant=offer.variant).order_by("period"))
        for earlier, later in itertools.pairwise(rows):
            assert earlier.period.upper == later.period.lower
        assert [row.price_version for row in rows] == list(range(1, len(rows) + 1))
        last = rows[-1]
        assert (offer.amount, offer.price_version) == (last.amount, last.price_version)
        # The cost may have been committed by an import while the price was decided.
        rule = PricingRule.objects.get(pk=last.rule_id) if last.rule_id else None
        if rule:
            floor = floor_of(offer.variant.cost, rule.margin_floor, "USD")
            assert offer.amount >= floor, (last.basis, last.cause)


def test_fifty_at_once_leave_one_consistent_history():
    answers = in_threads(50, lambda number: ACTS[number % len(ACTS)](number))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    check_one_consistent_history()
    assert PriceHistory.objects.count() > PRODUCTS
    # No update is lost: what was called applied has its row.
    applied = PriceProposal.objects.filter(state="applied")
    assert set(applied.values_list("pk", flat=True)) == set(
        PriceHistory.objects.exclude(proposal=None).values_list("proposal_id", flat=True)
    )
    by_hand = sum(answer["applied"] for answer in answers if isinstance(answer, Counter))
    approved = applied.exclude(decided_by="automatic").count()
    assert by_hand == PriceHistory.objects.filter(basis="person").count() + approved
    assert not PricingSwitch.objects.filter(is_engaged=True).exists()


def test_after_the_kill_switch_no_price_is_left_that_was_being_decided():
    def act(number):
        if number == 9:
            return kill_prices("ann")
        return [reprice(number) for _ in range(3)]

    answers = in_threads(10, act)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    return_to_list()
    check_one_consistent_history()
    for offer in Offer.objects.select_related("variant"):
        assert offer.amount == offer.variant.list_price
    assert deciding.decide_prices()["considered"] == 0
