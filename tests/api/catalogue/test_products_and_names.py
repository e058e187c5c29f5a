"""`GET /v1/products/{id}`, `/v1/categories`, `/v1/categories/{id}`, `/v1/brands`."""

import pytest
from django.test import Client

from tests.factories.catalogue import make_brand, make_category, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anonymous(settings):
    settings.ANONYMOUS_READS = True


def get(path, **parameters):
    return Client().get(path, parameters)


@pytest.mark.parametrize("public_id", ["a", "100%", "ünï cödé", "a?b#c", "A;B,C", "..x", "日本"])
def test_a_product_is_reached_by_the_merchants_id(public_id, django_assert_num_queries):
    from urllib.parse import quote  # noqa: PLC0415

    make_product(public_id, stock=0)
    with django_assert_num_queries(2):  # its key; its card
        answer = get(f"/v1/products/{quote(public_id, safe='')}")
    assert answer.json()["id"] == public_id
    assert answer.json()["in_stock"] is False


@pytest.mark.parametrize("public_id", ["nothing", "hidden", "%00", "x" * 3000])
def test_what_is_not_shown_is_not_found(public_id):
    make_product("hidden", published=False)
    answer = get(f"/v1/products/{public_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.fixture
def tree():
    make_product(category=("Phones", "Cases & Clips"), brand="Acme")
    make_product(category=("Phones", "Cases & Clips"), published=False, brand="Acme")
    make_product(category=("Phones",), brand="Bose")
    make_category("Toys", "Phones")


@pytest.mark.usefixtures("tree")
def test_categories_tell_where_they_are_and_how_much_they_show(django_assert_num_queries):
    with django_assert_num_queries(2):  # the page; its cards with counts
        answer = get("/v1/categories")
    assert [tuple(row.values()) for row in answer.json()["results"]] == [
        ("phones", "Phones", ["Phones"], None, 2),
        ("phones/cases-clips", "Cases & Clips", ["Phones", "Cases & Clips"], "phones", 1),
        ("toys", "Toys", ["Toys"], None, 0),
        ("toys/phones", "Phones", ["Toys", "Phones"], "toys", 0),
    ]
    assert list(answer.json()["results"][0]) == ["id", "name", "path", "parent_id", "product_count"]


@pytest.mark.usefixtures("tree")
def test_categories_come_in_pages():
    first = get("/v1/categories", limit=3).json()
    second = Client().get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == ["toys/phones"]
    assert [row["id"] for row in Client().get(second["previous"]).json()["results"]] == [
        row["id"] for row in first["results"]
    ]


@pytest.mark.usefixtures("tree")
def test_a_category_is_reached_by_its_path():
    answer = get("/v1/categories/phones/cases-clips")
    assert answer.json()["product_count"] == 1
    assert get("/v1/categories/cases-clips").status_code == 404
    assert get("/v1/categories/phones%00").status_code == 404
    assert get("/v1/categories/phones", x=1).json()["errors"][0]["parameter"] == "x"


@pytest.mark.usefixtures("tree")
def test_brands_tell_how_much_they_show(django_assert_num_queries):
    make_brand("Zeiß & Söhne")
    with django_assert_num_queries(2):  # the page; its cards with counts
        answer = get("/v1/brands")
    assert answer.json()["results"] == [
        {"id": "acme", "name": "Acme", "product_count": 1},
        {"id": "bose", "name": "Bose", "product_count": 1},
        {"id": "zeiß-sohne", "name": "Zeiß & Söhne", "product_count": 0},
    ]
    assert get("/v1/brands", category="x").status_code == 400


def test_a_key_is_needed_unless_reading_is_open(settings):
    settings.ANONYMOUS_READS = False
    for path in ("/v1/products", "/v1/products/x", "/v1/categories", "/v1/brands"):
        assert get(path).status_code == 401
