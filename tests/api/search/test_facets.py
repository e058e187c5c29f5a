"""Facets count exactly what following them returns."""

import random

import pytest
from django.test import Client

from catalogue.models import Product
from tests.factories.catalogue import make_product
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db

CATEGORIES = (("Home",), ("Home", "Kitchen"), ("Home", "Kitchen", "Mugs"), ("Office",), None)
COLOURS = ("red", "blue", "sea green")


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    chance = random.Random(3)
    for number in range(40):
        make_product(
            f"p{number}",
            title=chance.choice(["Red mug", "Blue mug", "Steel kettle", "Tea mug"]),
            category=chance.choice(CATEGORIES),
            brand=chance.choice(["Acme", "Bolt & Co", None]),
            attributes={"dishwasher": chance.choice([True, False]), "volume": 300},
            published=number % 9 > 0,
            variants=[make_variant(chance) for _ in range(chance.randint(1, 3))],
        )
    build_index(encoder)


def make_variant(chance):
    return {
        "attributes": {"colour": chance.choice(COLOURS), "size": chance.choice([1, "L"])},
        "list_price": chance.choice(["5", "9.99", "10", "24.99", "25", "300"]),
        "currency": chance.choice(["USD", "USD", "USD", "EUR"]),
        "stock": chance.choice([0, 0, 1, None]),
    }


def get(**parameters):
    response = Client().get("/v1/search", parameters)
    assert response.status_code == 200, response.content
    return response.json()


def returned(**parameters):
    """How many products of the result set a search returns, over all its pages."""
    page = get(limit=100, **parameters)
    results = page["results"]
    while page["next"]:
        page = Client().get(page["next"]).json()
        results += page["results"]
    return len({r["product"]["id"] for r in results if not r.get("topped_up")})


def followed(facets, filters):
    """Each facet's value as the filters that follow it, with its count."""
    for category in facets["category"]:
        yield filters | {"category": category["id"]}, category["count"]
    for brand in facets["brand"]:
        yield filters | {"brand": brand["id"]}, brand["count"]
    for found in facets["price"]:
        bounds = {"price_min": found["min"]["amount"], "price_max": found["max"]["amount"]}
        yield filters | bounds, found["count"]
    for stocked, count in facets["in_stock"].items():
        yield filters | {"in_stock": stocked}, count
    chosen = filters.get("attribute", [])
    for attribute in facets["attribute"]:
        others = [pair for pair in chosen if not pair.startswith(attribute["name"] + ":")]
        for value in attribute["values"]:
            pair = f"{attribute['name']}:{value['value']}"
            yield filters | {"attribute": [*others, pair]}, value["count"]


FILTERS = [
    {},
    {"category": "home/kitchen"},
    {"brand": ["Acme", "bolt-co"], "in_stock": "true"},
    {"price_min": "9", "price_max": "100"},
    {"attribute": ["colour:red"]},
    {"attribute": ["colour:red", "colour:blue", "size:1"], "in_stock": "true"},
    {"attribute": ["colour:sea green"], "price_max": "25", "in_stock": "false"},
    {"attribute": ["dishwasher:true"], "price_min": "10", "brand": "acme"},
    {"in_stock": "false", "price_max": "25"},
    {"category": "office", "price_min": "5", "price_max": "5"},
]


def check(query, filters):
    facets = get(q=query, facets="all", **filters)["facets"]
    assert facets["total"] == returned(q=query, **filters)
    for parameters, count in followed(facets, filters):
        assert count == returned(q=query, **parameters), parameters


@pytest.mark.parametrize("query", ["mug", ""])
def test_counts_are_what_following_returns(query):
    for filters in FILTERS[3:7]:
        check(query, filters)


@pytest.mark.soak
@pytest.mark.parametrize("query", ["mug", "red kettle", ""])
@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_counts_are_what_following_returns_whatever_the_filters(query, filters):
    check(query, filters)


def test_every_ordering_is_of_the_same_set():
    expected = returned(q="mug", in_stock="true")
    assert get(q="mug", in_stock="true", facets="brand")["facets"]["total"] == expected
    for ordering in ("price", "-price", "newness", "popularity"):
        assert returned(q="mug", in_stock="true", ordering=ordering) == expected


def test_the_shape_is_that_of_the_contract():
    facets = get(q="mug", facets="all")["facets"]
    assert set(facets) == {"total", "category", "brand", "price", "in_stock", "attribute"}
    home = next(c for c in facets["category"] if c["id"] == "home")
    assert (home["name"], home["parent_id"]) == ("Home", None)
    kitchen = next(c for c in facets["category"] if c["id"] == "home/kitchen")
    assert kitchen["parent_id"] == "home"
    assert home["count"] >= kitchen["count"]
    assert facets["price"][0]["min"] == {"amount": "0.00", "currency": "USD"}
    assert facets["price"][0]["max"] == {"amount": "9.99", "currency": "USD"}
    assert {a["name"] for a in facets["attribute"]} == {"colour", "size", "dishwasher", "volume"}


def test_only_what_is_asked_for_is_counted():
    assert set(get(q="mug", facets="brand, in_stock")["facets"]) == {"total", "brand", "in_stock"}
    assert "facets" not in get(q="mug")
    assert Client().get("/v1/search", {"facets": "colour"}).status_code == 400


def test_hidden_products_count_nowhere():
    before = get(q="mug", facets="all")["facets"]["total"]
    hidden = Product.objects.get(public_id=get(q="mug")["results"][0]["product"]["id"])
    Product.objects.filter(pk=hidden.pk).update(published=False)
    assert get(q="mug", facets="all")["facets"]["total"] == before - 1


def test_facets_cost_one_query_more(django_assert_num_queries):
    get(q="mug", facets="all")
    with django_assert_num_queries(3):  # cards, facets, log
        get(q="mug", facets="all")


def test_facets_without_a_query_are_counted_once(django_assert_num_queries):
    first = get(facets="all")["facets"]
    with django_assert_num_queries(3):  # cards, version of the catalogue, log
        assert get(facets="all")["facets"] == first


def test_facets_without_a_query_follow_every_change():
    before = get(facets="in_stock")["facets"]["total"]
    product = Product.objects.get(public_id=get(limit=1)["results"][0]["product"]["id"])
    product.published = False
    product.save()
    assert get(facets="in_stock")["facets"]["total"] == before - 1
    product.variants.update(stock=0)
    product.published = True
    product.save()
    sold_out = get(facets="in_stock")["facets"]["in_stock"]["false"]
    product.variants.update(stock=5)
    assert get(facets="in_stock")["facets"]["in_stock"]["false"] == sold_out - 1


def test_facets_without_a_query_are_kept_for_each_filter():
    long = "a value that goes on and on, longer than anybody shows, "
    for number, times in enumerate((1, 2)):
        for _ in range(times):
            make_product(attributes={"kind": f"{long}{number}"})
    totals = [get(facets="brand", attribute=f"kind:{long}{n}")["facets"]["total"] for n in (0, 1)]
    assert totals == [1, 2]
