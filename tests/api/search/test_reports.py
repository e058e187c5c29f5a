"""What shoppers look for: by volume, in vain, and without a click."""

import pytest
from django.test import Client

from customers.models import Visitor
from tests.factories.catalogue import make_product
from tests.factories.events import bearer, make_visitor, record_event
from tests.factories.merchandising import search_and
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings):
    settings.ANONYMOUS_READS = True
    for number in range(3):
        make_product(f"mug{number}", title="Red mug")
    build_index()


def report(status=200, **parameters):
    headers = bearer("secret", ["search:read"])
    response = Client().get("/v1/search/reports/queries", parameters, headers=headers)
    assert response.status_code == status, response.content
    return response.json()


def lines(**parameters):
    return {line["query"]: line for line in report(**parameters)["results"]}


def test_queries_by_volume_with_what_became_of_them():
    visitor = make_visitor()
    search_and("click", "Mug", visitor)
    search_and("purchase", "mug", visitor)
    search_and(None, "mug")
    search_and(None, "teapot")
    found = lines()
    assert list(found) == ["mug", "teapot"]
    mug = found["mug"]
    assert (mug["searches"], mug["shoppers"]) == (3, 2)
    assert (mug["with_clicks"], mug["with_purchases"], mug["without_results"]) == (2, 1, 0)


def test_another_shoppers_click_follows_no_search():
    body = search_and(None, "mug")
    first = body["results"][0]["product"]["id"]
    record_event("click", visitor=make_visitor(), product_id=first, request_id=body["request_id"])
    assert lines()["mug"]["with_clicks"] == 0


def test_neither_what_bots_look_for_nor_what_they_follow_counts():
    bot = make_visitor()
    search_and("click", "red", bot)
    search_and("click", "mug")
    Visitor.objects.filter(pk=bot.pk).update(is_bot=True)
    assert list(lines()) == ["mug"]


def test_queries_in_vain():
    search_and(None, "mug")
    search_and(None, "teapot")
    assert list(lines(report="no_results")) == ["teapot"]


def test_queries_that_nobody_followed():
    search_and("click", "red")
    search_and(None, "mug")
    search_and(None, "teapot")
    assert list(lines(report="no_clicks")) == ["mug"]


def test_further_pages_are_no_further_searches():
    body = search_and(None, "mug", limit=1)
    Client().get(body["next"])
    assert lines()["mug"]["searches"] == 1


def test_only_the_period_counts():
    search_and(None, "mug")
    assert lines(start="2020-01-01", end="2020-02-01T00:00:00Z") == {}
    body = report(start="2020-01-01", end="2020-02-01T00:00:00Z")
    assert body["start"] == "2020-01-01T00:00:00Z"
    assert list(lines(start="2020-01-01")) == ["mug"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"report": "all"}, {"start": "yesterday"}, {"start": "2020-13-01"}, {"end": "0001-01-01"},
        {"start": "9999-01-01"}, {"limit": "0"}, {"limit": "1001"}, {"since": "2020-01-01"},
    ],
)  # fmt: skip
def test_wrong_parameters_are_refused(parameters):
    assert report(400, **parameters)["errors"][0]["parameter"] in parameters


def test_a_period_must_not_end_before_it_starts():
    body = report(400, start="2020-02-01", end="2020-01-01")
    assert body["errors"][0]["parameter"] == "end"
