"""Whatever is thrown at an endpoint of search, the answer is its own or a problem that says why."""

import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.catalogue import make_product
from tests.factories.events import bearer
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db

READS = (
    "/v1/search", "/v1/search/suggestions", "/v1/products/mug/similar",
    "/v1/search/reports/queries", "/v1/search/synonyms", "/v1/search/rules",
    "/v1/search/blocked-suggestions",
)  # fmt: skip
WRITES = (
    "/v1/search/synonyms", "/v1/search/rules", "/v1/search/blocked-suggestions",
    "/v1/search/rules/preview",
)  # fmt: skip
NAMES = (
    "q", "limit", "cursor", "category", "brand", "price_min", "price_max", "currency", "in_stock",
    "attribute", "ordering", "personalise", "explain", "facets", "customer_id", "report", "start",
    "end", "page",
)  # fmt: skip
FIELDS = (
    "name", "queries", "match", "category", "priority", "enabled", "starts_at", "ends_at",
    "actions", "kind", "product", "brand", "attribute", "in_stock", "price_min", "position",
    "places", "text", "url", "direction", "phrase", "terms", "rule", "replaces",
)  # fmt: skip
odd = st.sampled_from([
    "", "0", "-1", "1", "101", "1e9", "NaN", "\x00", "%", "'", "true", "mug", "-mug", '"mug"', '"',
    "colour:red", ":", "2026-01-01", "9999-12-31T23:59:59+14:00", "USD", "all", "brand", "\ud800",
    "price", "\U0010ffff", "a" * 3000, "pin", "exact", "mug > cup", "١٢",
])  # fmt: skip
texts = odd | st.text(max_size=20)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)


@pytest.fixture
def key(settings, encoder):
    settings.ANONYMOUS_READS = True
    make_product("mug", title="Mug", category=("Kitchen",), brand="Acme")
    build_index(encoder)
    return bearer("secret")


def check(response):
    assert response.status_code < 500, response.content
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"]


def storable(text):
    """As a URL can carry it."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def read(key, path, parameters):
    given_ = {name: [storable(value) for value in many] for name, many in parameters.items()}
    check(Client().get(path, given_, headers=key))


def write(key, path, body):
    check(Client().post(path, json.dumps(body), content_type="application/json", headers=key))


quick = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
parameters = st.dictionaries(
    st.sampled_from(NAMES), st.lists(texts, min_size=1, max_size=2), max_size=4
)


@quick
@given(st.sampled_from(READS), parameters)
def test_any_parameters(key, path, parameters):
    read(key, path, parameters)


@quick
@given(st.sampled_from(WRITES), values)
def test_any_bodies(key, path, body):
    write(key, path, body)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(quick, max_examples=4_000)
@given(st.sampled_from(READS), parameters)
def test_any_parameters_for_long(key, path, parameters):
    read(key, path, parameters)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(quick, max_examples=4_000)
@given(st.sampled_from(WRITES), values)
def test_any_bodies_for_long(key, path, body):
    write(key, path, body)
