"""Prices that a person sets: charged as they are, or refused with the reason."""

from decimal import Decimal

import pytest
from django.test import Client

from catalogue.models import Offer
from pricing.models import PriceHistory, PricingAction
from pricing.services.freezing import freeze_product
from pricing.services.switching import kill_prices
from tests.factories.catalogue import make_product
from tests.factories.events import bearer
from tests.factories.pricing import make_rule, set_price

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug():
    return make_product("mug", list_price=Decimal(100), cost=Decimal(50), sku="m").variants.get()


@pytest.fixture
def ask():
    key = bearer("secret")

    def call(body, headers=key):
        return Client().post("/v1/pricing/prices", body, "application/json", headers=headers)

    return call


@pytest.fixture
def wanting(ask):
    """Outcome and detail of one price that is asked for."""

    def want(amount, sku="m", currency="USD", **more):
        price = {"sku": sku, "price": {"amount": amount, "currency": currency}} | more
        answer = ask({"prices": [price], "reason": "a fair"})
        assert answer.status_code == 200, answer.content
        [told] = answer.json()["outcomes"]
        assert told["sku"] == sku
        return told["outcome"], told["detail"]

    return want


def test_a_price_is_charged_and_who_and_why_are_kept(mug, wanting):
    rule = make_rule()
    assert wanting("89.50") == ("applied", "")
    assert Offer.objects.get().amount == Decimal("89.5")
    row = PriceHistory.objects.in_force().get()
    assert (row.basis, row.reason, row.rule) == ("person", "a fair", rule)
    assert row.approved_by == row.decided_by
    assert row.decided_by.startswith("key sk_")
    assert (row.prior_price, row.discount) == (100, 10)
    action = PricingAction.objects.get()
    assert (action.kind, action.target, action.reason) == ("set_price", "price of m", "a fair")
    assert (action.detail["price"], action.detail["outcome"]) == ("89.50 USD", "applied")


def test_guardrails_hold_for_persons_too(mug, wanting):
    make_rule(margin_floor=Decimal("0.2"), max_change_day=Decimal("0.3"), min_price=65)
    assert wanting("64.99")[0] == "refused"
    assert "minimum" in wanting("64.99")[1]
    assert "largest change" in wanting("69.99")[1]
    assert "minor units" in wanting("80.005")[1]
    assert wanting("70")[0] == "applied"
    assert "largest change" in wanting("131")[1]
    assert Offer.objects.get().amount == 70


def test_only_a_person_goes_below_list_price_without_a_cost(wanting):
    make_product("gift", list_price=Decimal(10), sku="g")
    make_rule()
    assert wanting("8", sku="g")[0] == "applied"
    assert wanting("0", sku="g")[0] == "applied"


def test_it_is_told_why_a_price_can_not_be_set(mug, wanting):
    assert "No rule governs it" in wanting("90")[1]
    make_rule(scope="product", product=mug.product, decider="model")
    assert wanting("90", sku="nothing") == ("unknown", "This is not sold.")
    assert wanting("90", currency="EUR") == ("refused", "It is sold in USD.")
    assert wanting("100") == ("unchanged", "It costs this already.")
    freeze_product(mug.product, "ann")
    assert wanting("90") == ("refused", "the product is frozen")
    kill_prices("ann")
    assert wanting("90") == ("refused", "the kill switch is engaged")
    assert PriceHistory.objects.count() == 1


def test_a_campaign_is_not_overruled(mug, wanting):
    make_rule()
    set_price(mug, 80)
    assert wanting("90") == ("refused", "A campaign sets this price: cancel it first.")
    assert Offer.objects.get().amount == 80


def test_no_update_is_lost_where_the_version_is_named(mug, wanting):
    make_rule()
    version = Offer.objects.get().price_version
    assert wanting("90", price_version=version)[0] == "applied"
    assert wanting("80", price_version=version) == ("stale", "The price was changed since.")
    assert wanting("90", price_version=version)[0] == "stale"
    assert Offer.objects.get().amount == 90


def test_many_are_set_at_once_each_by_itself(ask, django_assert_max_num_queries):
    make_rule(min_price=5)
    for number in range(50):
        make_product(f"p{number}", list_price=Decimal(10), cost=Decimal(1), sku=f"s{number}")

    def prices(low):
        return [
            {"sku": f"s{number}", "price": {"amount": low, "currency": "USD"}}
            for number in reversed(range(50))
        ]

    with django_assert_max_num_queries(20):
        told = ask({"prices": prices("9"), "reason": "a fair"}).json()["outcomes"]
    assert [(one["sku"], one["outcome"]) for one in told] == [
        (f"s{number}", "applied") for number in reversed(range(50))
    ]
    mixed = prices("8")
    mixed[7]["price"]["amount"] = "4"
    told = ask({"prices": mixed, "reason": "a fair"}).json()["outcomes"]
    assert [one["sku"] for one in told if one["outcome"] != "applied"] == [mixed[7]["sku"]]
    assert Offer.objects.filter(amount=8).count() == 49


PRICE = {"sku": "m", "price": {"amount": "9", "currency": "USD"}}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"prices": [PRICE]}, "/reason"),
        ({"prices": [PRICE], "reason": ""}, "/reason"),
        ({"prices": [], "reason": "x"}, "/prices"),
        ({"prices": [PRICE, PRICE], "reason": "x"}, "/prices"),
        ({"prices": [PRICE] * 501, "reason": "x"}, "/prices"),
        ({"prices": [PRICE | {"prices": 1}], "reason": "x"}, "/prices/0/prices"),
        ({"prices": [PRICE | {"price": 9}], "reason": "x"}, "/prices/0/price"),
        (
            {"prices": [PRICE | {"price": {"amount": "9"}}], "reason": "x"},
            "/prices/0/price/currency",
        ),
        ({"prices": [PRICE | {"price_version": -1}], "reason": "x"}, "/prices/0/price_version"),
        ({"prices": [PRICE | {"sku": "a\x00"}], "reason": "x"}, "/prices/0/sku"),
        ({"prices": {"m": 9}, "reason": "x"}, "/prices"),
    ],
)
def test_a_wrong_body_is_named(mug, ask, body, pointer):
    answer = ask(body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "amount", ["-1", "1e3", "NaN", "1" * 11, "1.00001", "", "9,5", None, [], "٣"]
)
def test_what_is_no_amount_is_refused(mug, ask, amount):
    price = {"sku": "m", "price": {"amount": amount, "currency": "USD"}}
    answer = ask({"prices": [price], "reason": "x"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/prices/0/price/amount"


def test_it_takes_a_secret_key_of_the_right_scope(mug, ask):
    for key in (bearer(), bearer("secret", ["prices:read"]), {}):
        assert ask({"prices": [PRICE], "reason": "x"}, key).status_code in {401, 403}
    assert (
        ask({"prices": [PRICE], "reason": "x"}, bearer("secret", ["prices:write"])).status_code
        == 200
    )
