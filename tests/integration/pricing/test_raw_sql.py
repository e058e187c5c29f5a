"""What the database holds of prices, against raw SQL."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from catalogue.models import Offer, Variant
from pricing.models import PriceFreeze, PriceHistory, PriceProposal, PricingRule, PricingSwitch
from tests.factories.catalogue import make_product
from tests.factories.pricing import make_rule, set_price

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant():
    """One at 100.00 USD that costs 50."""
    return make_product(list_price=Decimal(100), cost=Decimal(50)).variants.get()


def run(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was done before is done with
        cursor.execute(sql, parameters)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused(sql, *parameters):
    """The name of the rule that `sql` breaks."""
    with pytest.raises(IntegrityError) as caught:
        run(sql, *parameters)
    return caught.value.__cause__.diag.constraint_name


def price(variant, amount, rule, basis="rules", **columns):
    """An INSERT of a price, and its parameters."""
    columns = {
        "variant_id": variant.pk, "amount": amount, "rule_id": rule and rule.pk, "basis": basis,
        "cause": "raw",
    } | columns  # fmt: skip
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO pricing_pricehistory ({', '.join(columns)}) VALUES ({marks})"
    return sql, *columns.values()


def in_force(variant):
    history = PriceHistory.objects.in_force().get(variant=variant)
    offer = Offer.objects.get(variant=variant)
    assert (offer.amount, offer.currency, offer.price_version) == (
        history.amount, history.currency, history.price_version,
    )  # fmt: skip
    return history


def test_a_new_variant_has_a_history_from_its_first_moment(variant):
    row = in_force(variant)
    assert (row.amount, row.basis, row.cause, row.price_version) == (100, "list", "initial", 1)
    assert (row.sku, row.list_price, row.cost) == (variant.sku, 100, 50)


def test_an_offer_changes_through_its_history_alone(variant):
    for change in ("amount = 1", "currency = 'EUR'", "price_version = 9", "discount = 50",
                   "prior_price = 200"):  # fmt: skip
        assert refused(f"UPDATE catalogue_offer SET {change}") == "offer_is_price_in_force"
    run(*price(variant, 90, make_rule()))
    assert in_force(variant).amount == 90
    Offer.objects.all().delete()
    assert (
        refused(
            "INSERT INTO catalogue_offer (variant_id, amount, currency, price_version)"
            " VALUES (%s, 1, 'USD', 1)", variant.pk,
        ) == "offer_is_price_in_force"
    )  # fmt: skip


def test_history_is_append_only(variant):
    set_price(variant, 90)
    for sql in (
        "DELETE FROM pricing_pricehistory",
        "UPDATE pricing_pricehistory SET amount = 1",
        "UPDATE pricing_pricehistory SET reason = 'another'",
        "UPDATE pricing_pricehistory SET period = tstzrange(lower(period), now() + '1 day')",
        "UPDATE pricing_pricehistory SET period = tstzrange('2020-01-01', upper(period))",
        "TRUNCATE pricing_pricehistory CASCADE",
        "TRUNCATE catalogue_offer CASCADE",
    ):
        assert refused(sql) == "price_history_append_only", sql
    assert PriceHistory.objects.count() == 2


def test_one_price_is_in_force_and_periods_stay_apart(variant):
    rule = make_rule()
    now = timezone.now()
    for begin, end in ((now - timedelta(days=1), None), (now + timedelta(days=1), None)):
        period = f"[{begin.isoformat()},{end or ''})"
        assert refused(*price(variant, 90, rule, period=period)) == "price_from_now_on"
    for amount in (99, 95, 90):
        run(*price(variant, amount, rule))
    rows = list(PriceHistory.objects.filter(variant=variant).order_by("period"))
    assert [row.amount for row in rows] == [100, 99, 95, 90]
    assert all(a.period.upper == b.period.lower for a, b in itertools.pairwise(rows))
    assert in_force(variant).amount == 90


def test_prices_recorded_elsewhere_end_before_ours_begin(variant):
    begin = PriceHistory.objects.get().period.lower
    day = timedelta(days=1)

    def record(start, end, amount=80):
        period = f"[{start.isoformat()},{end.isoformat()})"
        return price(variant, amount, None, "imported", currency="USD", period=period)

    run(*record(begin - 10 * day, begin - 5 * day))
    run(*record(begin - 5 * day, begin))
    assert refused(*record(begin - 7 * day, begin - 6 * day)) == "price_periods_apart"
    assert refused(*record(begin - 1 * day, begin + day)) == "price_recorded_elsewhere"
    set_price(variant, 90)
    assert in_force(variant).prior_price == 80
    assert refused(*record(begin - 20 * day, begin - 15 * day)) == "price_recorded_elsewhere"


@pytest.mark.parametrize(
    ("guardrails", "good", "bad", "constraint"),
    [
        ({"min_price": 90}, 90, "89.99", "price_within_bounds"),
        ({"max_price": 105}, 105, "105.01", "price_within_bounds"),
        ({"min_list_ratio": "0.8"}, 80, "79.99", "price_within_bounds"),
        ({"max_list_ratio": "1.1"}, 110, "110.01", "price_within_bounds"),
        ({"max_change_day": "0.1"}, 90, "89.99", "price_within_largest_change"),
        ({"max_change_interval": "0.05"}, 105, "105.01", "price_within_largest_change"),
        ({"margin_floor": "0.5"}, 75, "74.99", "price_over_floor"),
        ({}, "99.99", "99.991", "price_in_minor_units"),
    ],
)
def test_no_price_outside_the_guardrails_of_the_rule_version_it_cites(
    variant, guardrails, good, bad, constraint
):
    rule = make_rule(**guardrails)
    assert refused(*price(variant, bad, rule)) == constraint
    run(*price(variant, good, rule))
    assert in_force(variant).amount == Decimal(good)


@pytest.mark.parametrize("named", [{}, {"approved_by": "ann"}, {"reason": "a fair"}])
def test_a_price_set_by_a_person_names_who_and_why(variant, named):
    rule = make_rule()
    assert refused(*price(variant, 90, rule, "person", **named)) == "price_names_its_person"
    run(*price(variant, 90, rule, "person", approved_by="ann", reason="a fair"))
    assert in_force(variant).basis == "person"


def test_small_steps_do_not_add_up_past_the_largest_change_of_a_day(variant):
    rule = make_rule(max_change_day="0.1", max_change_interval="0.06")
    run(*price(variant, 95, rule))
    assert refused(*price(variant, 89, rule)) == "price_within_largest_change"


def test_minimum_and_maximum_overrule_the_largest_change(variant):
    rule = make_rule(max_change_day="0.01", max_price=80)
    assert refused(*price(variant, 99, rule)) == "price_within_bounds"
    assert refused(*price(variant, 79, rule)) == "price_within_largest_change"
    run(*price(variant, 80, rule))


def test_a_price_cites_a_rule_in_force_that_covers_it(variant):
    other = make_product()
    retired = make_rule()
    PricingRule.objects.filter(pk=retired.pk).update(retired_at=timezone.now())
    model, euros = make_rule(decider="model"), make_rule(currency="EUR")
    elsewhere = make_rule(scope="product", product=other)
    for rule in (None, retired, model, euros, elsewhere):
        assert refused(*price(variant, 90, rule)) == "price_cites_a_rule"


def test_list_price_and_floor_are_what_they_are(variant):
    for basis in ("list", "floor"):
        assert refused(*price(variant, 90, None, basis)) == "price_at_rest"
    set_price(variant, 90)
    assert refused(*price(variant, 90, None, "list", cause="kill_switch")) == "price_at_rest"
    run(*price(variant, 100, None, "list", cause="kill_switch"))
    assert in_force(variant).basis == "list"


def test_a_rule_version_is_never_changed(variant):
    rule = make_rule(min_price=90)
    assert refused("UPDATE pricing_pricingrule SET min_price = 1") == "rule_version_kept"
    run("UPDATE pricing_pricingrule SET retired_at = now()")
    assert refused("UPDATE pricing_pricingrule SET retired_at = NULL") == "rule_version_kept"
    assert rule.pk


def test_without_a_cost_only_a_person_goes_below_list_price():
    variant = make_product(list_price=Decimal(100)).variants.get()
    rule = make_rule()
    assert refused(*price(variant, 90, rule)) == "price_without_cost"
    run(*price(variant, 110, rule))
    run(*price(variant, 90, rule, approved_by="a person"))


def test_cool_down_holds_automatic_prices(variant):
    rule = make_rule(cool_down_minutes=60)
    run(*price(variant, 95, rule))
    assert refused(*price(variant, 94, rule)) == "price_cools_down"
    run(*price(variant, 94, rule, approved_by="a person"))


def test_nothing_but_list_price_while_the_kill_switch_is_engaged(variant):
    rule = make_rule()
    PricingSwitch.objects.create(is_engaged=True)
    assert refused(*price(variant, 95, rule)) == "price_switched_off"
    PricingSwitch.objects.update(is_engaged=False)
    run(*price(variant, 95, rule))


def test_a_frozen_product_is_not_moved(variant):
    rule = make_rule()
    freeze = PriceFreeze.objects.create(product=variant.product)
    assert refused(*price(variant, 95, rule)) == "price_frozen"
    freeze.until = timezone.now() - timedelta(seconds=1)
    freeze.save()
    run(*price(variant, 95, rule))


def test_a_claim_that_the_prior_price_does_not_bear_is_refused(variant):
    rule = make_rule()
    for claim in ({"discount": 11}, {"prior_price": 120}, {"prior_price": 95}):
        assert refused(*price(variant, 90, rule, **claim)) == "discount_from_prior_price"
    run(*price(variant, 90, rule, discount=5))
    assert Offer.objects.values_list("prior_price", "discount").get() == (100, 5)
    raised = price(variant, 95, rule, discount=1)
    assert refused(*raised) == "discount_from_prior_price"


def test_when_cost_rises_past_the_price_the_floor_is_charged_at_once(variant):
    rule = make_rule(margin_floor="0.1")
    run(*price(variant, 60, rule))
    run("UPDATE catalogue_variant SET cost = 80")
    row = in_force(variant)
    assert (row.amount, row.basis, row.cause, row.rule) == (88, "floor", "cost_rose", rule)
    run("UPDATE catalogue_variant SET cost = 100")
    assert in_force(variant).amount == 110
    run("UPDATE catalogue_variant SET cost = 40")
    row = in_force(variant)
    assert (row.amount, row.basis) == (100, "list")


def test_without_a_rule_nothing_moves_but_list_prices(variant):
    run("UPDATE catalogue_variant SET cost = 500")
    assert in_force(variant).amount == 100
    run("UPDATE catalogue_variant SET list_price = 120")
    assert in_force(variant).amount == 120
    assert PriceHistory.objects.count() == 2


def test_a_new_list_price_keeps_a_decided_price_only_within_its_guardrails(variant):
    rule = make_rule(min_list_ratio="0.8")
    run(*price(variant, 90, rule))
    run("UPDATE catalogue_variant SET list_price = 110")
    assert in_force(variant).amount == 90
    run("UPDATE catalogue_variant SET list_price = 130")
    row = in_force(variant)
    assert (row.amount, row.basis, row.cause) == (130, "list", "list_changed")


def test_history_outlives_withdrawal_and_erasure(variant):
    set_price(variant, 90)
    sku = variant.sku
    Offer.objects.all().delete()
    assert not PriceHistory.objects.in_force().exists()
    Offer.objects.create(variant=variant, amount=100, currency="USD")
    assert in_force(variant).cause == "initial"
    variant.product.delete()
    assert not Variant.objects.exists()
    assert not PriceHistory.objects.in_force().exists()
    assert set(PriceHistory.objects.values_list("sku", flat=True)) == {sku}
    assert PriceHistory.objects.count() == 3


def test_what_was_proposed_and_decided_stays(variant):
    rule, soon = make_rule(), timezone.now() + timedelta(days=1)
    pk = PriceProposal.objects.create(
        variant=variant, rule=rule, decider="rules", wanted_price=90, price=90, currency="USD",
        base_price=100, base_version=1, list_price=100, slot=soon, expires_at=soon,
    ).pk  # fmt: skip
    for change in ("price = 1", "inputs = '{\"views\": 1}'", "reasons = '[]', rule_id = NULL"):
        sql = f"UPDATE pricing_priceproposal SET {change} WHERE id = %s"
        assert refused(sql, pk) == "proposal_kept"
    run(*price(variant, 90, rule, proposal_id=pk))
    run("UPDATE pricing_priceproposal SET state = 'applied', decided_by = 'ann'")
    for change in ("state = 'pending'", "decided_by = 'bob'", "note = 'x'"):
        assert refused(f"UPDATE pricing_priceproposal SET {change}") == "proposal_kept"
    # The history cites it; whether it goes before or after does not matter.
    with pytest.raises(IntegrityError), transaction.atomic():
        run("DELETE FROM pricing_priceproposal")


def test_the_record_of_actions_is_not_emptied(variant):
    assert refused("TRUNCATE pricing_pricingaction") == "price_history_append_only"


def test_no_price_is_not_a_number(variant):
    assert refused("UPDATE catalogue_variant SET list_price = 'NaN'") == "price_not_negative"
    rule = make_rule(decider="campaign", campaign_price=1)
    assert refused(*price(variant, Decimal("NaN"), rule, "campaign"))


def test_a_cost_beyond_all_prices_has_a_floor_that_can_be_charged(variant):
    make_rule(margin_floor=2)
    run("UPDATE catalogue_variant SET cost = 9999999998")
    assert (in_force(variant).amount, in_force(variant).basis) == (9_999_999_999, "floor")
