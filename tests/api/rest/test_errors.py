"""No HTML error, ever: unknown paths, methods, hosts and garbage are problem documents."""

from base64 import b64encode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.factories.catalogue import make_product
from tests.factories.events import bearer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anonymous(settings):
    settings.ANONYMOUS_READS = True


def assert_problem(answer, status, code):
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nothing", "/v1/products/", "/favicon.ico", "/v2/x"]
)
def test_unknown_paths(path):
    assert_problem(Client().get(path), 404, "not_found")


def test_unknown_methods():
    assert_problem(Client().delete("/v1/products"), 405, "method_not_allowed")


def test_unknown_hosts():
    assert_problem(
        Client().get("/v1/products", headers={"Host": "evil.example"}), 400, "unknown_host"
    )


def test_bodies_that_are_no_json():
    answer = Client().post("/v1/visitors", b"\xff{", content_type="application/json")
    assert answer.status_code in {400, 401}
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_html_is_not_acceptable_but_the_answer_still_comes_as_json():
    answer = Client().get("/v1/nothing", headers={"Accept": "text/html"})
    assert_problem(answer, 404, "not_found")


LISTS = ["/v1/products", "/v1/categories", "/v1/brands", "/v1/search", "/v1/recommendations/home"]


@pytest.mark.parametrize("path", LISTS)
def test_unknown_parameters_are_named(path):
    answer = Client().get(path, {"nonsense": "1"})
    assert_problem(answer, 400, "invalid_input")
    assert answer.json()["errors"][0]["parameter"] == "nonsense"


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from(LISTS),
    name=st.sampled_from(["limit", "cursor", "ordering", "category", "brand", "price_min", "q"]),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)
def test_no_value_is_a_server_error(path, name, value):
    assert Client().get(path, {name: value}).status_code in {200, 400}


@pytest.mark.parametrize(
    "path",
    ["categories", "brands", "price-proposals", "pricing/rules", "training-runs", "placements",
     "products/mug/price-history"],
)  # fmt: skip
@pytest.mark.parametrize(
    "position", ["p=a", "p=2", "p=\x00", "p=NaN", "p=" + "9" * 30, "p=", "o=9"]
)
def test_no_made_up_cursor_is_a_server_error(path, position):
    make_product("mug")
    key = bearer("secret", ["prices:write", "recommendations:write"])
    cursor = b64encode(position.encode()).decode()
    answer = Client().get(f"/v1/{path}", {"cursor": cursor}, headers=key)
    assert answer.status_code in {200, 400}, answer.content


@pytest.mark.parametrize("body", ["[" * 100_000, '{"lines":' * 50_000])
def test_a_body_that_is_nested_too_deeply(body):
    answer = Client().post("/v1/quotes", body, "application/json", headers=bearer())
    assert_problem(answer, 400, "parse_error")
