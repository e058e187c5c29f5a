"""Every standard placement: what it shows to whom, and how it is named."""

import pytest

from recommendations.models import PurchaseCycle, TrendingProducts
from tests.factories.catalogue import make_category, make_product
from tests.factories.events import customer_header, make_visitor, record_event, visitor_header
from tests.factories.placements import make_placement


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


def names(products):
    return [product.public_id for product in products]


def test_bought_together_is_what_the_same_shoppers_took(shop, run, ask):
    product = shop.garden[5]
    body = ask("bought-together", product_id=product.public_id, limit=5)
    assert body["source"] == "bought_together"
    assert set(ids(body)) <= set(names(shop.garden)) - {product.public_id}
    assert body["results"][0]["reason"]["because_of"] == [
        {"product_id": product.public_id, "share": 1.0}
    ]


def test_nothing_bought_with_a_new_product_yet(shop, run, ask):
    product = make_product(category=make_category("Garden"))
    assert ask("bought-together", product_id=product.public_id)["source"] == "category_popular"


def test_trending_is_what_was_found_to_rise_then_popular(shop, run, ask):
    rising = [shop.kitchen[3], shop.garden[4]]
    TrendingProducts.objects.create(product_ids=[one.pk for one in rising], scores=[3.0, 2.0])
    body = ask("trending")
    assert body["source"] == "trending"
    assert ids(body)[:2] == names(rising)
    assert len(ids(body)) == 12  # six of each category
    TrendingProducts.objects.all().delete()
    assert ask("trending")["source"] == "popular"


def test_recently_viewed_shows_the_latest_first_and_nothing_to_nobody(shop, run, ask):
    visitor = make_visitor()
    for age, product in enumerate(shop.kitchen[:3]):
        record_event("view", product=product, visitor=visitor, days_ago=age)
    body = ask("recently-viewed", headers=visitor_header(visitor))
    assert body["source"] == "recently_viewed"
    assert ids(body) == names(shop.kitchen[:3])
    assert ask("recently-viewed")["results"] == []
    assert ask("recently-viewed", headers=visitor_header(make_visitor()))["results"] == []


def test_buy_again_shows_what_is_due_by_the_products_cycle(shop, run, ask):
    visitor, (due, later, early) = make_visitor(), shop.kitchen[:3]
    for product, days in ((due, 30), (later, 30), (early, 300)):
        PurchaseCycle.objects.create(product=product, days=days, intervals=9)
    for product, age in ((due, 31), (later, 20), (early, 31)):
        record_event("purchase", product=product, visitor=visitor, days_ago=age)
    body = ask("buy-again", headers=visitor_header(visitor))
    assert body["source"] == "buy_again"
    assert ids(body) == names([due, later])
    assert ask("buy-again")["results"] == []


def test_for_a_category_shows_nothing_else(shop, run, ask):
    headers = customer_header(shop.gardener.public_id)
    body = ask("for-category", headers=headers, category="garden")
    assert body["source"] == "personal"
    assert ids(body) == [one for one in ids(body) if one in names(shop.garden)]
    body = ask("for-category", headers=headers, category="kitchen", limit=50)
    assert set(ids(body)) == set(names(shop.kitchen))
    assert ask("for-category", category="garden")["source"] == "category_popular"


def test_a_category_stands_for_what_lies_below_it(shop, run, ask):
    below = make_product("rake", category=make_category("Garden", "Tools"), popularity=9)
    assert below.public_id in ids(ask("for-category", category="Garden > Tools"))
    assert below.public_id in ids(ask("for-category", category="garden/tools"))
    assert below.public_id not in ids(ask("for-category", category="kitchen"))


@pytest.mark.parametrize(
    ("placement", "parameters", "code", "parameter"),
    [
        ("for-category", {}, "required", "category"),
        ("for-category", {"category": "none"}, "unknown_category", "category"),
        ("for-category", {"category": "a\0"}, "invalid", "category"),
        ("for-category", {"category": "x" * 5000}, "invalid", "category"),
        ("home", {"category": "garden"}, "unexpected", "category"),
        ("bought-together", {}, "required", "product_id"),
        ("trending", {"product_id": "x"}, "unexpected", "product_id"),
        ("home", {"explain": "maybe"}, "invalid", "explain"),
    ],
)
def test_what_a_placement_needs_is_named(db, ask, placement, parameters, code, parameter):
    body = ask(placement, status=400, **parameters)
    assert [(one["code"], one["parameter"]) for one in body["errors"]] == [(code, parameter)]


def test_a_placement_that_is_switched_off_is_not_there(db, ask):
    make_placement("trending", enabled=False)
    from recommendations.selectors.specs import forget_placements  # noqa: PLC0415

    forget_placements()
    assert ask("trending", status=404)["code"] == "unknown_placement"
