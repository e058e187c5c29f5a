"""Products near another in meaning."""

import pytest
from django.test import Client

from catalogue.models import Product, Variant
from tests.factories.catalogue import make_product
from tests.factories.merchandising import action, make_rule
from tests.factories.search import build_index, make_many

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    for number, title in enumerate(["red sofa", "red couch", "blue couch", "garden hose"]):
        make_product(f"p{number}", title=title, category=("Rooms",), price=10 + number)
    build_index(encoder)


def similar(product="p0", status=200, **parameters):
    response = Client().get(f"/v1/products/{product}/similar", parameters)
    assert response.status_code == status, response.content
    return response.json()


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


def test_the_nearest_in_meaning_come_first():
    body = similar()
    assert ids(body)[:2] == ["p1", "p2"]
    assert [result["position"] for result in body["results"]] == [1, 2, 3]
    scores = [result["score"] for result in body["results"]]
    assert scores == sorted(scores, reverse=True)
    assert body["versions"] == {"model": "words-1"}


def test_filters_are_those_of_a_search():
    assert ids(similar(price_max="12")) == ["p1", "p2"]
    assert ids(similar(price_min="13")) == ["p3"]
    assert similar(400, status=404)
    assert similar(category="nowhere", status=400)["errors"][0]["parameter"] == "category"


def test_two_queries(django_assert_num_queries):
    similar()
    with django_assert_num_queries(2):  # neighbours, cards
        similar(category="rooms")


def test_publication_and_stock_are_those_of_now():
    Product.objects.filter(public_id="p1").update(published=False)
    assert "p1" not in ids(similar())
    Variant.objects.filter(product__public_id="p2").update(stock=0)
    assert similar()["results"][0]["product"]["in_stock"] is False
    assert ids(similar(in_stock="true")) == ["p3"]


def test_what_a_rule_hides_everywhere_is_nowhere(django_assert_num_queries):
    make_rule(action("hide", Product.objects.get(public_id="p1")))
    assert "p1" not in ids(similar())
    make_rule(action("hide", price_max=12, category=Product.objects.first().category))
    similar("p0", status=404)
    assert ids(similar("p3")) == []


def test_an_unknown_or_hidden_product_is_not_found():
    Product.objects.filter(public_id="p0").update(published=False)
    for product in ("p0", "nope", "%00", "%ED%A0%80"):
        assert similar(product, status=404)["code"] == "not_found"


def test_a_product_without_a_vector_has_no_neighbours():
    make_product("new", title="brand new")
    assert similar("new")["results"] == []


def test_many_products_are_found_by_the_index_as_by_measuring(encoder, monkeypatch):
    make_many(60, "couch number")
    build_index(encoder)
    exact = ids(similar(limit=10))
    monkeypatch.setattr("search.selectors.similar.EXACT_LIMIT", 3)
    assert ids(similar(limit=10)) == exact
    assert ids(similar(limit=10, price_max="5"))


@pytest.mark.parametrize("parameters", [{"limit": "0"}, {"limit": "101"}, {"q": "x"}])
def test_wrong_parameters_are_refused(parameters):
    assert similar(status=400, **parameters)["errors"][0]["parameter"] in parameters
