"""A round: decide, guard, approve or publish."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalogue.models import Offer, Variant
from pricing.exceptions import RuleError
from pricing.models import PriceFreeze, PriceHistory, PriceProposal, PricingAction, PricingRule
from pricing.services.reviewing import approve_proposals, expire_proposals, reject_proposals
from pricing.services.ruling import retire_rule, save_rule
from pricing.services.switching import kill_prices, resume_prices
from tests.factories.catalogue import make_category, make_product
from tests.factories.pricing import make_rule

pytestmark = pytest.mark.django_db


def charged():
    return Offer.objects.get(variant__product__public_id="mug").amount


def test_without_a_rule_nothing_moves(variant, decide):
    assert decide(90)["considered"] == 0
    assert charged() == 100


def test_an_automatic_rule_publishes_what_the_guardrails_let_pass(variant, decide):
    rule = make_rule(max_change_day=Decimal("0.05"), ending="99")
    report = decide(80)
    assert (report["considered"], report["wanted"], report["applied"]) == (1, 1, 1)
    row = PriceHistory.objects.in_force().get(variant=variant)
    assert (row.amount, row.basis, row.rule, row.decided_by) == (
        Decimal("95.99"), "rules", rule, "rules",
    )  # fmt: skip
    proposal = row.proposal
    assert (proposal.state, proposal.reasons, proposal.wanted_price) == (
        "applied", ["the test says so"], 80,
    )  # fmt: skip
    assert [clamp["guardrail"] for clamp in proposal.clamps] == [
        "largest_change", "price_ending",
    ]  # fmt: skip
    assert proposal.inputs == {"views_per_hour": 3.0}
    assert charged() == Decimal("95.99")


@pytest.mark.parametrize(
    ("approval", "wanted", "pending"),
    [("automatic", 60, 0), ("threshold", 95, 0), ("threshold", 89, 1), ("person", 99, 1)],
)
def test_who_agrees(variant, decide, approval, wanted, pending):
    make_rule(approval=approval, approval_threshold=Decimal("0.1"))
    assert decide(wanted)["pending"] == pending
    assert charged() == (100 if pending else wanted)


def test_without_a_cost_it_takes_a_person_to_go_below_list_price(variant, decide):
    Variant.objects.update(cost=None)
    make_rule()
    assert decide(90)["pending"] == 1
    [decision] = approve_proposals([PriceProposal.objects.get().pk], "admin:ann", "season")
    assert (decision.outcome, charged()) == ("applied", 90)
    assert PriceHistory.objects.in_force().get().approved_by == "admin:ann"
    action = PricingAction.objects.get()
    assert (action.kind, action.actor, action.reason) == ("approve", "admin:ann", "season")


def test_a_proposal_that_says_the_same_waits_and_another_takes_its_place(variant, decide):
    make_rule(approval="person")
    assert decide(90)["pending"] == 1
    assert decide(90)["pending"] == 0
    assert decide(85)["pending"] == 1
    assert list(PriceProposal.objects.values_list("price", "state")) == [
        (85, "pending"), (90, "superseded"),
    ]  # fmt: skip


def test_a_proposal_is_approved_once_and_only_while_it_holds(variant, decide):
    make_rule(approval="person")
    decide(90)
    stale = PriceProposal.objects.get().pk
    Variant.objects.update(list_price=120)
    assert approve_proposals([stale], "ann")[0].outcome == "stale"
    decide(110)
    pk = PriceProposal.objects.pending().get().pk
    assert [d.outcome for d in approve_proposals([pk, pk, 999], "ann")] == ["applied", "unknown"]
    assert approve_proposals([pk], "ann")[0].outcome == "not_pending"
    assert reject_proposals([pk], "ann")[0].outcome == "not_pending"
    assert charged() == 110


def test_what_is_rejected_or_waits_too_long_never_comes(variant, decide):
    make_rule(approval="person", proposal_minutes=60)
    decide(90)
    assert reject_proposals([PriceProposal.objects.get().pk], "ann", "no")[0].outcome == "rejected"
    decide(91)
    late = PriceProposal.objects.pending().get().pk
    assert expire_proposals(timezone.now() + timedelta(minutes=59)) == 0
    PriceProposal.objects.filter(pk=late).update(expires_at=timezone.now())
    assert approve_proposals([late], "ann")[0].outcome == "stale"
    assert charged() == 100


def test_an_approval_that_the_guardrails_no_longer_allow_is_refused(variant, decide):
    rule = make_rule(approval="person")
    decide(90)
    retire_rule(rule.name, "ann")
    [decision] = approve_proposals([PriceProposal.objects.get().pk], "ann")
    assert decision.outcome == "refused"
    assert "no rule in force" in decision.detail
    assert PriceProposal.objects.get().state == "expired"


def test_the_narrowest_rule_of_the_highest_priority_governs(decide):
    phones = make_category("Shop", "Phones")
    product = make_product("mug", category=phones, brand="Acme", list_price=100, cost=1)
    everything = make_rule(min_price=50)
    shop = make_rule(scope="category", category=phones.parent, min_price=60)
    make_rule(scope="category", category=make_category("Toys"), min_price=99)
    cases = [(shop, 60)]
    assert decide(1)["applied"] == 1
    for fields in (
        {"scope": "category", "category": phones},
        {"scope": "product", "product": product},
        {"scope": "brand", "brand": product.brand, "priority": 5},
    ):
        floor = 61 + len(cases)
        cases.append((make_rule(min_price=floor, **fields), floor))
        decide(1)
        assert charged() == floor
    assert everything.pk


def test_frozen_and_killed_products_are_left_alone(variant, decide):
    make_rule()
    freeze = PriceFreeze.objects.create(product=variant.product)
    assert decide(90)["considered"] == 0
    freeze.delete()
    kill_prices("ann", "an error")
    assert decide(90)["considered"] == 0
    resume_prices("ann", "mended")
    assert decide(90)["applied"] == 1


def test_the_kill_switch_returns_list_price_or_the_floor_if_that_is_higher(variant, decide):
    make_rule(margin_floor=Decimal("0.1"))
    phones = make_category("Phones")
    case = make_product("case", category=phones, list_price=100, cost=95).variants.get()
    decide(120)
    assert kill_prices("ann", "an error", category=phones) == 1
    assert case.prices.in_force().get().amount == Decimal("104.50")
    assert charged() == 120
    assert kill_prices("ann", "all of it") == 1
    assert charged() == 100
    row = PriceHistory.objects.in_force().get(variant=variant)
    assert (row.basis, row.cause) == ("list", "kill_switch")
    kinds = PricingAction.objects.values_list("kind", "target")
    assert list(kinds) == [("kill", "all prices"), ("kill", "Phones")]


def test_after_the_kill_switch_prices_move_from_list_price(variant, decide):
    make_rule(max_change_day=Decimal("0.1"))
    decide(90)
    kill_prices("ann")
    resume_prices("ann")
    decide(95)
    assert charged() == 95


def test_a_change_of_a_rule_makes_its_next_version():
    save_rule(PricingRule(name="all", currency="USD", min_price=5), "ann", "first")
    second = save_rule(PricingRule(name="all", currency="USD", min_price=6), "ben", "second")
    assert (second.version, second.created_by) == (2, "ben")
    assert list(PricingRule.objects.current().values_list("name", "version")) == [("all", 2)]
    assert [str(a) for a in PricingAction.objects.all()] == [
        "ben: save_rule all v2", "ann: save_rule all v1",
    ]  # fmt: skip
    with pytest.raises(RuleError) as caught:
        save_rule(PricingRule(name="all", currency="USD", steps=[{}]), "ann")
    assert caught.value.field == "steps/0"
    with pytest.raises(RuleError):
        save_rule(PricingRule(name="x", currency="USD", min_price=2, max_price=1), "ann")
    assert retire_rule("all", "ann")
    assert not retire_rule("all", "ann")


def test_a_new_margin_floor_is_charged_with_the_next_round(variant, decide):
    make_rule(name="old")
    save_rule(PricingRule(name="old", currency="USD", margin_floor=Decimal("1.2")), "ann")
    assert decide(1)["settled"] == 1
    assert charged() == 110


def test_the_command_decides_and_refuses_what_is_no_time(variant, capsys):
    call_command("decide_prices")
    assert '"considered": 0' in capsys.readouterr().out
    with pytest.raises(CommandError, match="--as-of is 'noon'"):
        call_command("decide_prices", as_of="noon")


def test_a_price_beyond_all_bounds_holds_up_no_other(variant, decide):
    make_product("cup", list_price=100)
    make_rule()
    Variant.objects.filter(pk=variant.pk).update(list_price=Decimal("9999999999.99"))
    report = decide(Decimal(10) ** 11)
    assert (report["wanted"], report["held"], report["applied"]) == (2, 2, 0)
    assert decide(110)["applied"] == 2
