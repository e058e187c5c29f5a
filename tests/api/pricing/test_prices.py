"""Prices as shoppers see them: everywhere the same, with what the law lets a page claim."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from catalogue.models import Variant
from pricing.models import PriceHistory
from pricing.services.switching import kill_prices
from tests.factories.catalogue import make_product
from tests.factories.events import bearer
from tests.factories.pricing import make_rule, set_price

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anonymous(settings):
    settings.ANONYMOUS_READS = True


@pytest.fixture
def mug():
    return make_product("mug", title="Mug", list_price=100, cost=50, sku="mug-1").variants.get()


def get(path, headers=None, **parameters):
    return Client().get(path, parameters, headers=headers or {})


def post(path, body, headers=None):
    return Client().post(path, body, "application/json", headers=headers or bearer("secret"))


def money(amount):
    return {"amount": amount, "currency": "USD"}


def test_a_hundred_prices_come_in_one_query(django_assert_num_queries):
    ids = [make_product(list_price=10 + n).public_id for n in range(100)]
    key = bearer()
    get("/v1/prices", key, product_ids="x")  # remembers the key
    with django_assert_num_queries(1):
        answer = get("/v1/prices", key, product_ids=",".join(reversed(ids)))
    results = answer.json()["results"]
    assert [result["product_id"] for result in results] == ids[::-1]
    assert results[0]["price"] == money("109.00")
    assert answer.json()["unknown"] == []


def test_a_change_is_seen_everywhere_at_once(mug):
    set_price(mug, 90)
    shown = {"price": money("90.00"), "list_price": money("100.00"), "prior_price": money("100.00"),
             "discount": 10}  # fmt: skip
    [price] = get("/v1/prices", product_ids="mug").json()["results"]
    card = get("/v1/products/mug").json()
    [listed] = get("/v1/products").json()["results"]
    [recommended] = get("/v1/recommendations/home").json()["results"]
    for place in (price, card, listed, recommended["product"], *price["variants"]):
        assert {name: place[name] for name in shown} == shown
    assert price["variants"][0]["price_version"] == 2


def test_the_price_is_that_of_the_cheapest_variant_that_can_be_bought():
    make_product("shirt", variants=[
        {"sku": "s", "list_price": 8, "stock": 0}, {"sku": "m", "list_price": 9},
        {"sku": "l", "list_price": 12},
    ])  # fmt: skip
    [price] = get("/v1/prices", product_ids="shirt").json()["results"]
    assert (price["price"], price["in_stock"]) == (money("9.00"), True)
    assert [variant["sku"] for variant in price["variants"]] == ["m", "l", "s"]


def test_what_is_not_sold_is_named(mug):
    make_product("hidden", published=False)
    answer = get("/v1/prices", product_ids="hidden,mug,nothing").json()
    assert answer["unknown"] == ["hidden", "nothing"]
    assert [result["product_id"] for result in answer["results"]] == ["mug"]


@pytest.mark.parametrize("ids", ["", ",", ",".join(map(str, range(101))), "x" * 129, "a\x00"])
def test_wrong_ids_are_refused_by_name(ids):
    answer = get("/v1/prices", product_ids=ids)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "product_ids"
    assert get("/v1/prices", product_ids="a", customer_id="c").status_code == 400


def test_prices_revalidate_until_one_changes(mug):
    first = get("/v1/prices", product_ids="mug")
    etag = {"If-None-Match": first["ETag"]}
    assert get("/v1/prices", etag, product_ids="mug").status_code == 304
    set_price(mug, 90)
    assert get("/v1/prices", etag, product_ids="mug").status_code == 200


def test_past_prices_come_newest_first_and_a_back_end_is_told_why(mug):
    set_price(mug, 90, reason="spring")
    rows = get("/v1/products/mug/price-history").json()["results"]
    assert [(row["price"]["amount"], row["discount"]) for row in rows] == [
        ("90.00", 10), ("100.00", None),
    ]  # fmt: skip
    assert rows[0]["ends"] is None
    assert rows[1]["ends"] == rows[0]["begins"]
    for headers in (None, bearer(), bearer("secret", ["events:write"])):
        assert "why" not in str(get("/v1/products/mug/price-history", headers).json())
    told = get("/v1/products/mug/price-history", bearer("secret", ["prices:read"])).json()
    why = told["results"][0]["why"]
    assert (why["basis"], why["reason"], why["cost"]) == ("campaign", "spring", money("50.00"))
    assert get("/v1/products/nothing/price-history").status_code == 404


def test_past_prices_come_in_pages_of_two_queries(mug, django_assert_num_queries):
    for amount in (99, 98, 97, 96):
        set_price(mug, amount)
    with django_assert_num_queries(1):
        first = get("/v1/products/mug/price-history", limit=3).json()
    rest = Client().get(first["next"]).json()
    amounts = [row["price"]["amount"] for row in first["results"] + rest["results"]]
    assert amounts == ["96.00", "97.00", "98.00", "99.00", "100.00"]


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [("JPY", "1200", "1200"), ("USD", "12.5", "12.50"), ("BHD", "12.345", "12.345")],
)
def test_amounts_have_the_decimals_of_their_currency(currency, amount, shown):
    make_product("mug", list_price=Decimal(amount), currency=currency)
    [price] = get("/v1/prices", product_ids="mug").json()["results"]
    assert price["price"] == {"amount": shown, "currency": currency}


def quote(**line):
    return post("/v1/quotes", {"lines": [{"sku": "mug-1"} | line]}).json()


def test_a_quote_holds_while_the_price_moves(mug):
    given = quote(quantity=2)
    set_price(mug, 120)
    redeemed = post("/v1/quotes/redeem", {"quote": given["quote"]})
    assert redeemed.status_code == 200
    assert redeemed.json()["lines"] == given["lines"]
    [line] = given["lines"]
    assert line == {
        "sku": "mug-1", "quantity": 2, "price": money("100.00"), "price_version": 1,
    }  # fmt: skip


def test_a_quote_of_the_most_and_longest_skus_is_redeemed(mug):
    drawn = random.Random(1)  # what can hardly be packed
    skus = ["".join(chr(drawn.randrange(0x4E00, 0x9FFF)) for _ in range(128)) for _ in range(100)]
    make_product("many", variants=[{"sku": sku} for sku in skus])
    given = post("/v1/quotes", {"lines": [{"sku": sku} for sku in skus]}).json()
    redeemed = post("/v1/quotes/redeem", {"quote": given["quote"]})
    assert [line["sku"] for line in redeemed.json()["lines"]] == skus
    forged = post("/v1/quotes/redeem", {"quote": given["quote"][:-1] + "!"})
    assert [price["sku"] for price in forged.json()["prices"]] == skus


def test_an_expired_quote_is_refused_with_the_price_in_force(mug, settings, monkeypatch):
    given = quote()
    set_price(mug, 120)
    later = timezone.now() + timedelta(seconds=settings.QUOTE_SECONDS + 1)
    monkeypatch.setattr("pricing.services.quotes.timezone.now", lambda: later)
    answer = post("/v1/quotes/redeem", {"quote": given["quote"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "expired_quote")
    assert answer.json()["prices"][0]["price"] == money("120.00")


def test_a_forged_quote_is_refused_with_the_price_in_force(mug):
    head, _, signature = quote()["quote"].rpartition(":")
    for forged in (f"{head}:{'A' * len(signature)}", f"{head}x:{signature}"):
        answer = post("/v1/quotes/redeem", {"quote": forged})
        assert (answer.status_code, answer.json()["code"]) == (409, "forged_quote")
    answer = post("/v1/quotes/redeem", {"quote": f"{head}:{'A' * len(signature)}"})
    assert answer.json()["prices"][0]["price"] == money("100.00")


@pytest.mark.parametrize(
    "token", ["x", "::", ".:a:b", "e30:a:b", "eyJsaW5lcyI6WzFdfQ:a:b", "é:1:2"]
)
def test_anything_at_all_is_no_quote(token):
    answer = post("/v1/quotes/redeem", {"quote": token})
    assert (answer.status_code, answer.json()["prices"]) == (409, [])


def test_the_kill_switch_withdraws_quotes_of_prices_that_it_took_back(mug):
    make_rule()
    set_price(mug, 1)
    wrong = quote()["quote"]
    kill_prices("ann")
    answer = post("/v1/quotes/redeem", {"quote": wrong})
    assert (answer.status_code, answer.json()["code"]) == (409, "withdrawn_quote")
    assert answer.json()["prices"][0]["price"] == money("100.00")
    assert post("/v1/quotes/redeem", {"quote": quote()["quote"]}).status_code == 200


def test_what_can_not_be_quoted_is_named(mug):
    lines = [{"sku": "mug-1"}, {"sku": "nothing"}]
    answer = post("/v1/quotes", {"lines": lines})
    assert answer.json()["errors"][0]["pointer"] == "/lines/1/sku"
    assert post("/v1/quotes", {"lines": [lines[0]] * 2}).status_code == 400
    assert post("/v1/quotes", {"lines": []}).status_code == 400
    assert post("/v1/quotes", {"lines": [{"sku": "mug-1", "quantity": 0}]}).status_code == 400
    assert Client().post("/v1/quotes", {}, "application/json").status_code == 401


def test_two_shoppers_see_the_same(mug):
    from tests.factories.events import make_visitor, visitor_header  # noqa: PLC0415

    bodies = [get("/v1/prices", visitor_header(make_visitor()), product_ids="mug").json()
              for _ in range(2)]  # fmt: skip
    assert bodies[0]["results"] == bodies[1]["results"]
    assert PriceHistory.objects.count() == Variant.objects.count()
