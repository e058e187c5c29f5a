"""How a search reads: few queries, versioned caches, fresh prices, personal order, a log."""

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from catalogue.models import Product
from search.models import SearchQuery
from search.selectors.state import forget_live_index
from search.services.indexing import index_products
from search.views import SearchView
from tests.factories.catalogue import make_product
from tests.factories.events import bearer, make_customer, make_visitor, record_event, visitor_header
from tests.factories.pricing import reprice
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    for number in range(6):
        category = ("Kitchen",) if number % 2 else ("Office",)
        make_product(f"mug{number}", title="Red mug", category=category, price=10 + number)
    build_index(encoder)


def search(headers=None, **parameters):
    response = Client().get("/v1/search", parameters, headers=headers or {})
    assert response.status_code == 200, response.content
    return response.json()


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


def test_queries_of_a_first_search(django_assert_num_queries):
    with django_assert_num_queries(4):  # generation, candidates, cards, log
        search(q="mug")


def test_queries_of_a_cached_search(django_assert_num_queries, encoder):
    search(q="mug")
    encoder.encoded.clear()
    with django_assert_num_queries(2):  # cards, log
        search(q="mug")
    assert encoder.encoded == []


def test_queries_of_a_cached_search_with_filters(django_assert_num_queries):
    search(q="mug", price_max="12")
    with django_assert_num_queries(3):  # filters again, cards, log
        search(q="mug", price_max="12")


def test_queries_of_a_later_page(django_assert_num_queries):
    url = search(q="mug", limit=2)["next"]
    with django_assert_num_queries(2):  # cards, log
        Client().get(url)


def test_the_same_query_written_otherwise_shares_a_cached_list(django_assert_num_queries):
    search(q="red mug")
    with django_assert_num_queries(2):
        search(q="  red   mug ")


def test_a_query_is_encoded_once_whatever_the_filters(encoder):
    search(q="mug")
    search(q="mug", price_min="1")
    assert encoder.encoded.count("mug") == 1


def test_a_cached_list_shows_fresh_prices_and_publication():
    assert "mug3" in ids(search(q="mug"))
    reprice(99, product__public_id="mug0")
    Product.objects.filter(public_id="mug3").update(published=False)
    body = search(q="mug")
    assert "mug3" not in ids(body)
    prices = {r["product"]["id"]: r["product"]["price"]["amount"] for r in body["results"]}
    assert prices["mug0"] == "99.00"


def test_a_cached_list_keeps_to_the_filters():
    assert "mug0" in ids(search(q="mug", price_max="12"))
    reprice(99, product__public_id="mug0")
    assert "mug0" not in ids(search(q="mug", price_max="12"))


def test_the_list_is_cached_after_the_answer_was_sent():
    response = RequestFactory().get("/v1/search", {"q": "mug"})
    answer = SearchView.as_view()(response)
    assert not cache.keys("search:ranked:*")
    answer.close()
    assert cache.keys("search:ranked:*")


def test_a_list_that_the_client_has_already_is_cached_too():
    etag = Client().get("/v1/search", {"q": "mug"})["ETag"]
    cache.clear()
    again = Client().get("/v1/search", {"q": "mug"}, headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert cache.keys("search:ranked:*")


def test_a_change_of_the_index_is_seen_at_once():
    search(q="mug")
    new = make_product("new", title="Mug mug")
    index_products([new.pk])
    forget_live_index()
    assert "new" in ids(search(q="mug"))


def test_a_broken_cache_entry_is_a_miss():
    search(q="mug")
    for key in cache.keys("search:ranked:*"):
        cache.set(key, b"broken")
    assert len(ids(search(q="mug"))) == 6


def test_a_shopper_finds_preferred_categories_first():
    visitor = make_visitor()
    for _ in range(3):
        record_event(product=Product.objects.get(public_id="mug5"), visitor=visitor)
    plain = ids(search(q="mug"))
    body = search(visitor_header(visitor), q="mug", explain="true")
    liked = ("mug1", "mug3", "mug5")
    assert ids(body)[0] in liked
    assert sum(map(ids(body).index, liked)) < sum(map(plain.index, liked))
    assert 0 < body["results"][0]["explain"]["personal_places"] <= 10
    assert ids(search(visitor_header(visitor), q="mug", personalise="false")) == plain


def test_a_customer_named_by_a_back_end_too():
    customer = make_customer("c1")
    record_event("purchase", product=Product.objects.get(public_id="mug5"), customer=customer)
    key = bearer("secret", ["customers:read"])
    assert ids(search(key, q="mug", customer_id="c1"))[0] == "mug1"


def test_a_personal_answer_is_private():
    response = Client().get("/v1/search", {"q": "mug"}, headers=visitor_header(make_visitor()))
    assert response["Cache-Control"].startswith("private")


def test_each_answer_is_logged():
    visitor = make_visitor()
    body = search(visitor_header(visitor), q=" Red  mug", price_max="12", ordering="price")
    row = SearchQuery.objects.get()
    assert str(row.request_id) == body["request_id"]
    assert row.query == "Red mug"
    assert row.filters == {"price_max": "12"}
    assert (row.ordering, row.source, row.cached) == ("price", "hybrid", False)
    assert (row.visitor_id, row.customer_id) == (visitor.pk, None)
    shown = dict(Product.objects.values_list("id", "public_id"))
    assert [shown[id_] for id_ in row.product_ids] == ids(body)
    assert row.model_version == "words-1"
    assert row.duration_ms > 0


def test_wrong_input_is_not_logged():
    Client().get("/v1/search", {"limit": "no"})
    assert not SearchQuery.objects.exists()
