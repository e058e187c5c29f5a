"""A hot read is answered past Django's and DRF's layers as it is through them all."""

import uuid
from itertools import product

import pytest
from corsheaders.middleware import CorsMiddleware
from django.db import OperationalError
from django.test import Client
from rest_framework.views import APIView

from api.rest.reads import HotRead
from search.models import SearchQuery
from tests.factories.catalogue import make_product
from tests.factories.events import bearer, make_visitor, visitor_header

pytestmark = pytest.mark.django_db
SHORT_WAY = "api.rest.short_way.ShortWay"
PATHS = [
    "/v1/recommendations/home?limit=3", "/v1/recommendations/home?customer_id=anna",
    "/v1/recommendations?placements=home,trending", "/v1/prices?product_ids=mug,nothing",
    "/v1/search/suggestions?q=m", "/v1/search?q=mug&facets=all&explain=true",
    "/v1/recommendations/home?format=json",
    "/v1/recommendations/nowhere", "/v1/recommendations/home?nonsense=1", "/v1/prices",
    "/v1/prices/", "/v1/products", "/v1/recommendations/home?customer_id=%00", "/livez",
]  # fmt: skip
HEADERS = [
    {}, {"Accept": "text/html"}, {"Accept": "*/*"}, {"Host": "evil.example"},
    {"Origin": "https://shop.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
    {"Origin": "https://shop.example", "If-None-Match": "*"}, {"Origin": "http://[shop.example"},
    {"If-None-Match": "*"}, {"If-None-Match": '"other"'}, {"If-Match": '"other"'},
    {"If-Modified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"}, {"X-Visitor-Token": "forged"},
    {"X-Forwarded-Proto": "https"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def shop(settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    make_product("mug", title="Mug", list_price=100)


@pytest.fixture
def ask_both(settings, monkeypatch):
    """Ask one way, then the other; the answer, which has to be the same."""
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=4))
    usual = settings.MIDDLEWARE
    layers = [layer for layer in usual if layer != SHORT_WAY]
    assert len(layers) == len(usual) - 1

    def ask_both(path, headers=(), method="get", **extra):
        answers = []
        for middleware, dispatch in ((usual, HotRead.dispatch), (layers, APIView.dispatch)):
            settings.MIDDLEWARE = middleware
            with monkeypatch.context() as patch:
                patch.setattr(HotRead, "dispatch", dispatch)
                client = Client(raise_request_exception=False)
                answers.append(getattr(client, method)(path, headers=dict(headers), **extra))
            SearchQuery.objects.all().delete()  # the next one has the same request id
        short, long = map(described, answers)
        assert short == long
        return answers[0]

    return ask_both


def described(answer):
    """All that a client sees."""
    return answer.status_code, dict(answer.headers), answer.content, dict(answer.cookies)


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_both_ways_answer_alike(ask_both, headers):
    key = bearer("secret")
    assert {ask_both(path, key | headers).status_code for path in PATHS}


def test_keys_are_looked_at_alike(ask_both):
    keys = [{}, {"Authorization": "Bearer pk_forged"}, {"Authorization": "x"}, bearer()]
    asked = [ask_both(path, key).status_code for path, key in product(PATHS[:6], keys)]
    assert set(asked) == {200, 401, 403}


@pytest.mark.parametrize("method", ["head", "options", "post", "delete"])
def test_other_methods_go_the_long_way(ask_both, method):
    assert {ask_both(path, bearer(), method).status_code for path in PATHS[:4]} <= {200, 403, 405}


# Not the search: it keeps a record of request ids, which are all the same here.
@pytest.mark.parametrize("path", PATHS[:5])
def test_what_is_current_is_not_sent_again(ask_both, path):
    key = bearer("secret")
    first = ask_both(path, key)
    again = ask_both(path, key | {"If-None-Match": first.headers.get("ETag", "*")})
    assert again.status_code == 304
    assert again.content == b""


def test_a_shopper_is_told_alike(ask_both):
    key = bearer() | visitor_header(make_visitor())
    answer = ask_both("/v1/recommendations/home", key)
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_who_calls_too_often_is_refused_alike(ask_both, settings):
    settings.API_RATE_KEY = 1
    key = bearer()
    assert ask_both("/v1/prices?product_ids=mug", key | {"Host": "evil.example"}).status_code == 400
    Client().get("/v1/prices?product_ids=mug", headers=key)
    refused = ask_both("/v1/prices?product_ids=mug", key)
    assert refused.status_code == 429


@pytest.mark.parametrize("error", [OperationalError("gone"), RuntimeError("unforeseen")])
def test_failures_are_told_alike(ask_both, monkeypatch, error):
    def fail(*_):
        raise error

    key = bearer()
    monkeypatch.setattr("pricing.views.prices.load_prices", fail)
    answer = ask_both("/v1/prices?product_ids=mug", key)
    assert answer.status_code == (503 if isinstance(error, OperationalError) else 500)


@pytest.mark.parametrize("secure", [True, False])
def test_plain_http_is_sent_to_https_alike(ask_both, settings, secure):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 3600
    answer = ask_both("/v1/prices?product_ids=mug", bearer(), secure=secure)
    assert answer.status_code == (200 if secure else 301)
    assert ("Strict-Transport-Security" in answer.headers) == secure


@pytest.mark.parametrize("origin", [{}, {"Origin": "https://shop.example"}], ids=str)
@pytest.mark.parametrize("path", PATHS[:6])
def test_the_short_way_passes_the_layers_by(monkeypatch, path, origin):
    def fail(*_):
        raise AssertionError("the long way")

    monkeypatch.setattr(CorsMiddleware, "__call__", fail)
    monkeypatch.setattr(APIView, "dispatch", fail)
    answer = Client().get(path, headers=bearer("secret") | origin)
    assert answer.status_code == 200
    assert answer.get("Access-Control-Allow-Origin") == origin.get("Origin")
