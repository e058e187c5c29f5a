"""`GET /v1/recommendations/{placement}`: sources in their order, and what can be bought."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalogue.models import Product, Variant
from events.models import RefreshRequest
from recommendations.algorithms.placements import STANDARD
from recommendations.models import TextNeighbours
from recommendations.selectors.runs import forget_active_run
from recommendations.services.refreshing import refresh_due_shoppers
from tests.factories.catalogue import make_category, make_product
from tests.factories.events import (
    bearer,
    customer_header,
    make_customer,
    make_visitor,
    record_event,
    visitor_header,
)


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


def names(products):
    return [product.public_id for product in products]


def alike(product, others):
    TextNeighbours.objects.create(
        product=product, model_version="m", text_hash="h",
        product_ids=[other.pk for other in others],
        scores=[0.9 - 0.01 * step for step in range(len(others))],
    )  # fmt: skip


def test_a_customers_own(shop, run, ask):
    body = ask(headers=customer_header(shop.gardener.public_id))
    assert set(body) == {"request_id", "placement", "source", "run", "results"}
    assert (body["placement"], body["source"], body["run"]) == ("home", "personal", run.run_id)
    assert set(ids(body)[:5]) == set(names(shop.garden[7:]))
    first = body["results"][0]
    assert (first["position"], first["score"]) == (1, 1.0)
    assert {one["product_id"] for one in first["reason"]["because_of"]} <= set(
        names(shop.garden[:7])
    )
    assert [result["position"] for result in body["results"]] == list(range(1, len(ids(body)) + 1))
    scores = [result["score"] for result in body["results"]]
    assert scores == sorted(scores, reverse=True)


def test_a_short_list_is_filled_up_without_repeats_or_purchases(shop, run, ask):
    body = ask(headers=customer_header(shop.gardener.public_id), limit=50)
    assert len(ids(body)) == len(set(ids(body)))
    assert not set(ids(body)) & set(names(shop.garden[:7]))
    assert set(ids(body)) == set(names([*shop.garden[7:], *shop.kitchen]))


def test_a_linked_visitor_gets_the_customers_own(shop, run, ask):
    visitor = make_visitor(shop.gardener)
    assert ask(headers=visitor_header(visitor))["source"] == "personal"


def test_a_new_visitor_gets_what_is_like_their_session(shop, run, ask):
    visitor = make_visitor()
    record_event("view", product=shop.kitchen[0], visitor=visitor)
    alike(shop.kitchen[0], shop.kitchen[3:6])
    body = ask(headers=visitor_header(visitor))
    assert body["source"] == "session_similar"
    assert ids(body)[:3] == names(shop.kitchen[3:6])
    because = body["results"][0]["reason"]["because_of"]
    assert because == [{"product_id": shop.kitchen[0].public_id, "share": 1.0}]


def test_then_what_is_popular_in_their_category(shop, run, ask):
    visitor = make_visitor()
    record_event("view", product=shop.kitchen[0], visitor=visitor)
    body = ask(headers=visitor_header(visitor))
    assert body["source"] == "category_popular"
    assert set(ids(body)[:12]) == set(names(shop.kitchen))
    assert "reason" not in body["results"][0]


@pytest.mark.parametrize("known", [False, True])
def test_then_what_is_popular(shop, run, ask, known):
    headers = visitor_header(make_visitor()) if known else None
    body = ask(headers=headers)
    assert body["source"] == "popular"
    assert len(ids(body)) == 20


def test_a_fresh_shop_answers_by_the_merchants_popularity(db, ask):
    for popularity in (1, 3, 2):
        make_product(f"p{popularity}", popularity=popularity)
    body = ask()
    assert (body["source"], body["run"]) == ("popular", None)
    assert ids(body) == ["p3", "p2", "p1"]


def test_an_empty_shop_answers_with_nothing(db, ask):
    assert ask()["results"] == []


def test_a_cart_makes_a_visitor_personal_within_one_refresh(shop, run, ask):
    visitor = make_visitor()
    headers = visitor_header(visitor)
    assert ask(headers=headers)["source"] == "popular"
    record_event("add_to_cart", product=shop.kitchen[0], visitor=visitor)
    refresh_due_shoppers()
    body = ask(headers=headers)
    assert body["source"] == "personal"
    assert ids(body)[0] in names(shop.kitchen)
    assert shop.kitchen[0].public_id not in ids(body)


def test_what_was_bought_leaves_the_list_cached_or_not(shop, run, ask):
    headers = customer_header(shop.gardener.public_id)
    first = ids(ask(headers=headers))[0]
    record_event("purchase", product=Product.objects.get(public_id=first), customer=shop.gardener)
    refresh_due_shoppers()
    assert first not in ids(ask(headers=headers, limit=50))


def test_what_is_of_no_interest_leaves_the_list(shop, run, ask):
    headers = customer_header(shop.gardener.public_id)
    first = ids(ask(headers=headers))[0]
    product = Product.objects.get(public_id=first)
    record_event("not_interested", product=product, customer=shop.gardener)
    refresh_due_shoppers()
    assert first not in ids(ask(headers=headers, limit=5))


@pytest.mark.parametrize(
    "hide",
    [
        lambda product: Product.objects.filter(pk=product.pk).update(published=False),
        lambda product: Variant.objects.filter(product=product).update(stock=0),
        lambda product: product.delete(),
    ],
)
@pytest.mark.parametrize("placement", ["home", "product", "cart"])
def test_what_cannot_be_bought_is_gone_on_the_next_request(shop, run, ask, hide, placement):
    record_event("add_to_cart", product=shop.garden[0], customer=shop.gardener)
    headers = customer_header(shop.gardener.public_id)
    extra = {"product_id": shop.garden[0].public_id} if placement == "product" else {}
    before = ids(ask(placement, headers=headers, **extra))
    hide(Product.objects.get(public_id=before[0]))
    after = ids(ask(placement, headers=headers, **extra))
    assert before[0] not in after
    assert after[0] == before[1]


def test_a_mostly_sold_out_list_still_fills_the_page(shop, run, ask):
    Variant.objects.filter(product__in=shop.garden).update(stock=0)
    body = ask(headers=customer_header(shop.gardener.public_id), limit=10)
    assert set(ids(body)) <= set(names(shop.kitchen))
    assert len(ids(body)) == 10


def test_products_bought_together(shop, run, ask):
    product = shop.garden[5]
    body = ask("product", product_id=product.public_id, limit=5)
    assert body["source"] == "product_similar"
    assert set(ids(body)) <= set(names(shop.garden)) - {product.public_id}
    assert body["results"][0]["reason"]["because_of"][0]["product_id"] == product.public_id


def test_a_new_product_is_similar_by_text(shop, run, ask):
    product = make_product(category=make_category("Garden"))
    alike(product, shop.garden[:4])
    body = ask("product", product_id=product.public_id)
    assert body["source"] == "product_similar"
    assert ids(body)[:4] == names(shop.garden[:4])


def test_a_product_like_no_other_gives_its_category(shop, run, ask):
    product = make_product(category=make_category("Garden"))
    body = ask("product", product_id=product.public_id)
    assert body["source"] == "category_popular"
    assert set(ids(body)[:12]) == set(names(shop.garden))


def test_a_cart(shop, run, ask):
    visitor = make_visitor()
    record_event("add_to_cart", product=shop.garden[0], visitor=visitor)
    record_event("add_to_cart", product=shop.kitchen[0], visitor=visitor, days_ago=0.1)
    record_event("remove_from_cart", product=shop.kitchen[0], visitor=visitor)
    body = ask("cart", headers=visitor_header(visitor))
    assert body["source"] == "product_similar"
    assert shop.garden[0].public_id not in ids(body)
    assert ids(body)[0] in names(shop.garden)
    because = body["results"][0]["reason"]["because_of"]
    assert [one["product_id"] for one in because] == [shop.garden[0].public_id]


def test_an_empty_cart_is_home(shop, run, ask):
    body = ask("cart", headers=customer_header(shop.gardener.public_id))
    assert (body["placement"], body["source"]) == ("cart", "personal")


def test_excluded_products_are_left_out(shop, run, ask):
    first, second, third = ids(ask(limit=3))
    assert ids(ask(limit=1, exclude=f"{first},{second}")) == [third]


def test_a_secret_key_names_the_customer(shop, run, client):
    headers = bearer("secret", ["customers:read"])
    path = f"/v1/recommendations/home?customer_id={shop.gardener.public_id}"
    body = client.get(path, headers=headers).json()
    assert body["source"] == "personal"
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    ("placement", "parameters", "status", "code", "parameter"),
    [
        ("sidebar", {}, 404, "unknown_placement", None),
        ("product", {}, 400, "required", "product_id"),
        ("product", {"product_id": "none"}, 400, "unknown_product", "product_id"),
        ("product", {"product_id": "a\0b"}, 400, "invalid", "product_id"),
        ("product", {"product_id": "x" * 10_000}, 400, "invalid", "product_id"),
        ("home", {"product_id": "x"}, 400, "unexpected", "product_id"),
        ("home", {"limit": "0"}, 400, "invalid", "limit"),
        ("home", {"limit": "51"}, 400, "invalid", "limit"),
        ("home", {"limit": "many"}, 400, "invalid", "limit"),
        ("home", {"exclude": "x," * 300}, 400, "too_many", "exclude"),
        ("home", {"exclude": "\0"}, 400, "invalid", "exclude"),
        ("home", {"colour": "red"}, 400, "unknown_parameter", "colour"),
    ],
)
def test_bad_input_is_named(db, client, placement, parameters, status, code, parameter):
    response = client.get(f"/v1/recommendations/{placement}", parameters)
    assert response.status_code == status
    assert response["Content-Type"].startswith("application/problem+json")
    body = response.json()
    if parameter is None:
        assert body["code"] == code
    else:
        assert [(e["code"], e["parameter"]) for e in body["errors"]] == [(code, parameter)]


def test_a_key_is_needed(db):
    assert APIClient().get("/v1/recommendations/home").status_code in {401, 403}


def queries_of(ask, *arguments, **parameters):
    ask(*arguments, **parameters)
    with CaptureQueriesContext(connection) as captured:
        ask(*arguments, **parameters)
    return [query["sql"] for query in captured.captured_queries]


ANCHORS = {
    "product": lambda shop: {"product_id": shop.garden[0].public_id},
    "bought-together": lambda shop: {"product_id": shop.garden[0].public_id},
    "for-category": lambda _: {"category": "garden"},
}


@pytest.mark.parametrize("placement", [one.name for one in STANDARD])
@pytest.mark.parametrize("known", [False, True])
def test_a_warm_answer_takes_two_queries(shop, run, ask, placement, known, steady_memory):
    record_event("view", product=shop.garden[8], customer=shop.gardener)
    record_event("add_to_cart", product=shop.garden[9], customer=shop.gardener)
    extra = ANCHORS.get(placement, lambda _: {})(shop)
    headers = customer_header(shop.gardener.public_id) if known else None
    found = queries_of(ask, placement, headers=headers, limit=5, **extra)
    assert "recommendations_activerun" in found[0]  # the situation
    assert [sql for sql in found[1:] if "wanted" not in sql] == []  # what the products are now
    assert len(found) <= 2


def test_a_new_run_is_seen_at_once_by_its_own_cache_keys(shop, run, ask):
    from tests.factories.recommendations import train_now  # noqa: PLC0415

    headers = customer_header(shop.gardener.public_id)
    ask(headers=headers)
    second = train_now()
    forget_active_run()
    assert ask(headers=headers)["run"] == second.run_id


def test_anonymous_answers_have_a_validator_and_personal_ones_are_private(shop, run, client):
    first = client.get("/v1/recommendations/home")
    again = client.get("/v1/recommendations/home", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    personal = client.get(
        "/v1/recommendations/home", headers=customer_header(shop.gardener.public_id)
    )
    assert "private" in personal["Cache-Control"]
    assert "ETag" not in personal or personal["ETag"] != first["ETag"]


def test_a_customer_whom_we_have_not_heard_of_gets_popular(shop, run, ask):
    assert ask(headers=customer_header("a-stranger"))["source"] == "popular"
    assert not RefreshRequest.objects.filter(customer__public_id="a-stranger").exists()


def test_on_a_shared_device_a_named_customer_wins(shop, run, ask):
    visitor = make_visitor(shop.customers[1])
    headers = visitor_header(visitor) | customer_header(shop.gardener.public_id)
    assert set(ids(ask(headers=headers, limit=5))) <= set(names(shop.garden))
    other = customer_header(make_customer().public_id) | visitor_header(visitor)
    assert ask(headers=other)["source"] == "popular"
