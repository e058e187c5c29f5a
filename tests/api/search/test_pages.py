"""Pages go deep, and keep to the list that the first one began."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from catalogue.models import Product
from tests.factories.catalogue import make_product
from tests.factories.pricing import reprice
from tests.factories.search import build_index, make_many

pytestmark = pytest.mark.django_db
DEEP = 120


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    make_many(DEEP, "Red mug")
    build_index(encoder)


def get(url, **parameters):
    response = Client().get(url, parameters)
    assert response.status_code == 200, response.content
    return response.json()


def ids(page):
    return [result["product"]["id"] for result in page["results"]]


def walk(page):
    pages = [page]
    while pages[-1]["next"]:
        pages.append(get(pages[-1]["next"]))
    return pages


@pytest.mark.parametrize("query", ["red mug", ""])
def test_pages_go_more_than_a_hundred_deep(query):
    pages = walk(get("/v1/search", q=query, limit=50))
    shown = [id_ for page in pages for id_ in ids(page)]
    assert len(shown) == len(set(shown)) >= 100
    positions = [result["position"] for page in pages for result in page["results"]]
    assert positions == list(range(1, len(shown) + 1))


def test_scores_never_rise():
    pages = walk(get("/v1/search", q="red mug", limit=50))
    scores = [result["score"] for page in pages for result in page["results"]]
    assert scores == sorted(scores, reverse=True)


def test_a_page_can_be_walked_back():
    first = get("/v1/search", q="red mug", limit=10)
    second = get(first["next"])
    assert ids(get(second["previous"])) == ids(first)
    assert second["previous"].startswith("http://testserver/v1/search?")


def test_new_and_renamed_products_do_not_move_later_pages(encoder):
    whole = walk(get("/v1/search", q="red mug", limit=50))
    first = get("/v1/search", q="red mug", limit=50)
    Product.objects.filter(public_id__in=ids(whole[1])[:20]).update(title="Chair")
    make_product("new", title="Red mug red mug")
    build_index(encoder)
    second = get(first["next"])
    assert ids(second) == ids(whole[1])


def test_what_was_unpublished_meanwhile_is_skipped_and_the_page_is_full():
    first = get("/v1/search", q="red mug", limit=10)
    expected = ids(get(first["next"]))
    Product.objects.filter(public_id__in=expected[:3]).update(published=False)
    second = get(first["next"])
    assert ids(second)[:7] == expected[3:]
    assert len(ids(second)) == 10
    assert [result["position"] for result in second["results"]] == list(range(11, 21))


def test_prices_on_later_pages_are_fresh_and_meet_the_filter():
    first = get("/v1/search", q="red mug", limit=10, price_max="60")
    leaving, *_ = staying = ids(get(first["next"]))
    reprice(99, product__public_id=leaving)
    reprice("0.50", product__public_id=staying[1])
    second = get(first["next"])
    assert leaving not in ids(second)
    price = next(r for r in second["results"] if r["product"]["id"] == staying[1])
    assert price["product"]["price"]["amount"] == "0.50"


def test_explanations_stay_on_later_pages():
    second = get(get("/v1/search", q="red mug", limit=10, explain="true")["next"])
    assert all(result["explain"]["similarity"] for result in second["results"])


def test_a_cursor_is_good_for_its_own_search_only():
    cursor = parse_qs(urlsplit(get("/v1/search", q="red mug")["next"]).query)["cursor"][0]
    response = Client().get("/v1/search", {"q": "blue mug", "cursor": cursor})
    assert response.status_code == 400
    assert "another search" in response.json()["detail"]
    tampered = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    assert Client().get("/v1/search", {"q": "red mug", "cursor": tampered}).status_code == 400


def test_links_stay_short_for_a_long_query():
    url = get("/v1/search", q="mug " * 2500, limit=10)["next"]
    assert len(url) < 4000
    assert get(url)["results"]
