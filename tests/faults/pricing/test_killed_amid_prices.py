"""Killed amid a round, an approval or a kill: nothing is half-published, the next goes on."""

import itertools
from decimal import Decimal

import pytest

from catalogue.models import Offer
from pricing.models import PriceHistory, PriceProposal, PricingAction, PricingSwitch
from pricing.services.deciding import decide_prices
from pricing.services.reviewing import approve_proposals
from pricing.services.switching import return_to_list
from tests.factories.catalogue import make_product
from tests.factories.pricing import make_rule
from tests.factories.victims import run_and_die

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCTS, BATCH = 7, 2
UP = {"steps": [{"change": "0.05"}], "max_change_interval": Decimal("0.05")}

# Does its work in a process of its own, two prices a transaction, which dies by SIGKILL right after
# the statement given: the first that has the words, or the second, and so on. By then the
# transaction of that statement is not committed, those before it are.
VICTIM = """
import os, signal, sys, django
django.setup()
from django.db import connection
from pricing.services import deciding, proposing, publishing, reviewing, switching
for module in (proposing, publishing, reviewing, switching):
    module.BATCH = 2
switching.SESSIONS = 1
what, words, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = 0
def die_after(execute, sql, parameters, many, context):
    global seen
    answer = execute(sql, parameters, many, context)
    seen += words in sql
    if seen == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
connection.execute_wrappers.append(die_after)
if what == "round":
    deciding.decide_prices()
elif what == "approval":
    reviewing.approve_proposals([int(key) for key in sys.argv[4:]], "ann")
else:
    switching.kill_prices("ann")
"""
LOCK, PROPOSE, PUBLISH, SETTLE, NOTE = (
    "FOR UPDATE SKIP LOCKED", 'INSERT INTO "pricing_priceproposal"',
    "INSERT INTO pricing_pricehistory", "UPDATE pricing_priceproposal",
    'INSERT INTO "pricing_pricingaction"',
)  # fmt: skip


@pytest.fixture(autouse=True)
def shop():
    for number in range(PRODUCTS):
        make_product(f"p{number}", list_price=100, cost=50, sku=f"s{number}")


def amounts():
    return list(Offer.objects.order_by("variant__sku").values_list("amount", flat=True))


def check_history_and_offers_agree():
    for offer in Offer.objects.all():
        rows = list(PriceHistory.objects.filter(variant=offer.variant_id).order_by("period"))
        for earlier, later in itertools.pairwise(rows):
            assert earlier.period.upper == later.period.lower
        assert [row.price_version for row in rows] == list(range(1, len(rows) + 1))
        last = rows[-1]
        assert last.period.upper is None
        assert (offer.amount, offer.price_version, offer.prior_price, offer.discount) == (
            last.amount, last.price_version, last.prior_price, last.discount,
        )  # fmt: skip
    applied = PriceProposal.objects.filter(state="applied").values_list("pk", flat=True)
    cited = PriceHistory.objects.exclude(proposal=None).values_list("proposal_id", flat=True)
    assert sorted(applied) == sorted(cited)


@pytest.mark.parametrize(
    ("words", "number", "moved"),
    [(LOCK, 1, 0), (PROPOSE, 2, BATCH), (PUBLISH, 3, 2 * BATCH), (SETTLE, 4, 3 * BATCH)],
)
def test_the_next_round_goes_on_where_one_was_killed(words, number, moved):
    make_rule(**UP)
    run_and_die(VICTIM, "round", words, str(number))
    check_history_and_offers_agree()
    assert sorted(amounts()) == [100] * (PRODUCTS - moved) + [105] * moved
    assert not PriceProposal.objects.pending().exists()
    assert decide_prices()["applied"] == PRODUCTS - moved
    check_history_and_offers_agree()
    assert amounts() == [105] * PRODUCTS


@pytest.mark.parametrize(
    ("words", "number", "moved"),
    [(LOCK, 1, 0), (PUBLISH, 2, BATCH), (SETTLE, 3, 2 * BATCH), (NOTE, 3, 2 * BATCH)],
)
def test_what_a_killed_approval_left_is_still_to_be_decided_on(words, number, moved):
    make_rule(**UP, approval="person")
    assert decide_prices()["pending"] == PRODUCTS
    keys = list(PriceProposal.objects.order_by("pk").values_list("pk", flat=True))
    run_and_die(VICTIM, "approval", words, str(number), *map(str, keys))
    check_history_and_offers_agree()
    assert sorted(amounts()) == [100] * (PRODUCTS - moved) + [105] * moved
    outcomes = [decision.outcome for decision in approve_proposals(keys, "ben")]
    assert outcomes == ["not_pending"] * moved + ["applied"] * (PRODUCTS - moved)
    check_history_and_offers_agree()
    assert amounts() == [105] * PRODUCTS
    # Who agreed to what is on record once, and of what was rolled back nothing is.
    agreed = PricingAction.objects.filter(kind="approve").order_by("target")
    assert [action.actor for action in agreed].count("ann") == moved
    assert len({action.target for action in agreed}) == len(agreed) == PRODUCTS


@pytest.mark.parametrize(("number", "returned"), [(1, 0), (3, 2 * BATCH)])
def test_what_a_killed_kill_began_is_finished(number, returned):
    make_rule(**UP)
    decide_prices()
    run_and_die(VICTIM, "kill", PUBLISH, str(number))
    check_history_and_offers_agree()
    assert PricingSwitch.objects.get().is_engaged
    assert sorted(amounts()) == [100] * returned + [105] * (PRODUCTS - returned)
    assert return_to_list() == PRODUCTS - returned
    check_history_and_offers_agree()
    assert amounts() == [100] * PRODUCTS
    assert decide_prices()["considered"] == 0


def test_a_switch_that_was_not_flipped_holds_nothing():
    make_rule(**UP)
    decide_prices()
    run_and_die(VICTIM, "kill", NOTE, "1")
    assert not PricingSwitch.objects.filter(is_engaged=True).exists()
    assert amounts() == [105] * PRODUCTS
    assert return_to_list() == 0
