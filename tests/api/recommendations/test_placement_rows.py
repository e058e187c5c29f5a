"""Placements by API: listed, kept whole, refused with the reason, deleted; with a secret key."""

import pytest
from rest_framework.test import APIClient

from recommendations.models import Placement
from tests.factories.catalogue import make_brand, make_category
from tests.factories.events import bearer

pytestmark = pytest.mark.django_db
PATH = "/v1/placements"
SCOPE = "recommendations:write"


@pytest.fixture
def back_end():
    client = APIClient()
    client.defaults["HTTP_AUTHORIZATION"] = bearer("secret", [SCOPE])["Authorization"]
    return client


def pointers(answer):
    assert answer.status_code == 400, answer.content
    return {error.get("pointer") for error in answer.json()["errors"]}


def test_the_standard_ones_are_listed_by_name(back_end, django_assert_num_queries):
    back_end.get(PATH)  # the key is remembered
    with django_assert_num_queries(4):  # placements, and the categories (2) and brands they name
        body = back_end.get(PATH).json()
    names = [one["name"] for one in body["results"]]
    assert names == sorted(names)
    assert {"home", "cart", "for-category"} <= set(names)
    assert all(one["is_standard"] for one in body["results"])
    first = back_end.get(PATH, {"limit": 3}).json()
    assert [one["name"] for one in first["results"]] == names[:3]
    rest = back_end.get(first["next"]).json()
    assert rest["results"][0]["name"] == names[3]


def test_a_new_one_serves_at_once(back_end):
    category, brand = make_category("Garden"), make_brand("Acme")
    body = {
        "description": "Footer.", "anchor": "none", "sources": ["trending", "popular"], "limit": 4,
        "categories": [category.slug], "brands": [brand.slug], "price_max": "50",
        "max_per_brand": 2, "excludes_bought": False,
    }  # fmt: skip
    made = back_end.put(f"{PATH}/footer", body)
    assert made.status_code == 201, made.content
    kept = back_end.get(f"{PATH}/footer").json()
    assert kept == made.json()
    assert kept["sources"] == ["trending", "popular"]
    assert (kept["categories"], kept["brands"]) == ([category.slug], [brand.slug])
    assert (kept["enabled"], kept["is_standard"], kept["price_max"]) == (True, False, "50.0000")
    answer = back_end.get("/v1/recommendations/footer")
    assert answer.status_code == 200, answer.content


def test_what_is_left_out_is_as_by_default(back_end):
    back_end.put(f"{PATH}/footer", {"sources": ["popular"], "limit": 4, "max_per_brand": 2})
    changed = back_end.put(f"{PATH}/footer", {"sources": ["trending"]})
    assert changed.status_code == 200
    body = changed.json()
    assert (body["limit"], body["max_per_brand"], body["sources"]) == (20, None, ["trending"])


def test_what_was_read_can_be_written_back(back_end):
    before = back_end.get(f"{PATH}/home").json()
    after = back_end.put(f"{PATH}/home", before).json()
    assert after | {"updated_at": ""} == before | {"updated_at": ""}


def test_a_standard_one_can_be_switched_off_but_not_deleted(back_end):
    refused = back_end.delete(f"{PATH}/trending")
    assert (refused.status_code, refused.json()["code"]) == (409, "standard_placement")
    off = back_end.get(f"{PATH}/trending").json() | {"enabled": False}
    assert back_end.put(f"{PATH}/trending", off).status_code == 200
    assert Placement.objects.get(name="trending").is_standard
    assert back_end.get("/v1/recommendations/trending").status_code == 404


def test_an_own_one_can_be_deleted(back_end):
    back_end.put(f"{PATH}/footer", {"sources": ["popular"]})
    assert back_end.delete(f"{PATH}/footer").status_code == 204
    for method in (back_end.get, back_end.delete):
        assert method(f"{PATH}/footer").json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"/sources"}),
        ({"sources": []}, {"/sources"}),
        ({"sources": ["astrology"]}, {"/sources/0"}),
        ({"sources": ["popular", "popular"]}, {"/sources"}),
        ({"sources": ["product_similar"]}, {"/sources"}),
        ({"sources": ["popular"], "anchor": "moon"}, {"/anchor"}),
        ({"sources": ["popular"], "limit": 51}, {"/limit"}),
        ({"sources": ["popular"], "max_per_brand": 0}, {"/max_per_brand"}),
        ({"sources": ["popular"], "price_min": 9, "price_max": 8}, {"/price_max"}),
        ({"sources": ["popular"], "price_min": "1e99"}, {"/price_min"}),
        ({"sources": ["popular"], "brands": ["nobody"]}, {"/brands"}),
        ({"sources": ["popular"], "categories": "garden"}, {"/categories"}),
        ({"sources": ["popular"], "colour": "red"}, {"/colour"}),
        ({"sources": ["popular"], "description": "x" * 201}, {"/description"}),
    ],
)
def test_what_can_not_be_is_refused_with_where(back_end, body, wrong):
    assert pointers(back_end.put(f"{PATH}/footer", body)) == wrong
    assert not Placement.objects.filter(name="footer").exists()


@pytest.mark.parametrize("name", ["Footer", "a--b", "x" * 65, "caf%C3%A9", "a%00b", "a%0A"])
def test_names_are_plain(back_end, name):
    answer = back_end.put(f"{PATH}/{name}", {"sources": ["popular"]})
    assert answer.json()["errors"][0]["parameter"] == "name"
    assert back_end.get(f"{PATH}/{name}").status_code == 404


@pytest.mark.parametrize("key", [{}, bearer, lambda: bearer("secret", ["events:write"])])
def test_nobody_else_may(key):
    headers = key() if callable(key) else key
    client = APIClient()
    calls = [client.get(PATH, headers=headers), client.get(f"{PATH}/home", headers=headers)]
    calls += [client.delete(f"{PATH}/home", headers=headers)]
    calls += [client.put(f"{PATH}/home", {"sources": ["popular"]}, headers=headers)]
    assert {answer.status_code for answer in calls} <= {401, 403}
