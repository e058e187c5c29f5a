"""`GET /v1/recommendations`: several placements in one call, without repeats."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import TrendingProducts
from tests.factories.events import customer_header, record_event


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


ALL = "home", "trending", "recently-viewed", "buy-again", "cart"


def test_nothing_is_shown_twice_and_earlier_placements_come_first(shop, run, ask, ask_page):
    headers = customer_header(shop.gardener.public_id)
    for product in shop.garden[:3]:
        record_event("view", product=product, customer=shop.gardener)
    TrendingProducts.objects.create(
        product_ids=[one.pk for one in shop.garden[6:]], scores=[1.0] * 6
    )
    body = ask_page(*ALL, headers=headers, limit=4)
    assert set(body) == {"request_id", "run", "placements"}
    assert [one["placement"] for one in body["placements"]] == list(ALL)
    assert ids(body["placements"][0]) == ids(ask("home", headers=headers, limit=4))
    shown = [product for one in body["placements"] for product in ids(one)]
    assert len(shown) == len(set(shown))
    assert len({one["request_id"] for one in body["placements"]} | {body["request_id"]}) == 6


def test_one_of_the_page_is_as_it_is_alone(shop, run, ask, ask_page):
    parameters = {"product_id": shop.garden[5].public_id, "limit": 5}
    alone = ask("product", **parameters)
    (inside,) = ask_page("product", **parameters)["placements"]
    assert {**alone, "request_id": ""} == {**inside, "request_id": ""}


def test_a_whole_page_takes_two_queries(shop, run, ask_page, steady_memory):
    record_event("view", product=shop.garden[0], customer=shop.gardener)
    parameters = {
        "headers": customer_header(shop.gardener.public_id), "limit": 4,
        "product_id": shop.garden[5].public_id, "category": "garden",
    }  # fmt: skip
    names = [*ALL, "product", "bought-together", "for-category"]
    ask_page(*names, **parameters)
    with CaptureQueriesContext(connection) as captured:
        ask_page(*names, **parameters)
    assert len(captured) == 2  # the situation; what the products are now


def test_excluded_products_are_in_none(shop, run, ask_page):
    first = ids(ask_page("home", "trending", limit=3)["placements"][0])[0]
    body = ask_page("home", "trending", limit=3, exclude=first)
    assert first not in [product for one in body["placements"] for product in ids(one)]


@pytest.mark.parametrize(
    ("placements", "parameters", "code", "parameter"),
    [
        ([], {}, "required", "placements"),
        (["home", "home"], {}, "repeated", "placements"),
        (["home", "attic"], {}, "unknown_placement", "placements"),
        ([f"p{n}" for n in range(11)], {}, "too_many", "placements"),
        (["home", "trending", "cart", "buy-again", "recently-viewed"], {"limit": 50},
         "too_many", "limit"),
        (["home", "product"], {}, "required", "product_id"),
        (["home"], {"product_id": "x"}, "unexpected", "product_id"),
        (["home"], {"colour": "red"}, "unknown_parameter", "colour"),
    ],
)  # fmt: skip
def test_bad_input_is_named(db, ask_page, placements, parameters, code, parameter):
    body = ask_page(*placements, status=400, **parameters)
    assert [(one["code"], one["parameter"]) for one in body["errors"]] == [(code, parameter)]
