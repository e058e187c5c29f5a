"""POST /v1/events: the envelope, the outcomes, and who may say what."""

import json
from datetime import timedelta

import orjson
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from events.models import Event, RejectedEvent
from tests.factories.catalogue import make_product
from tests.factories.events import (
    bearer,
    customer_header,
    customer_token,
    event,
    make_customer,
    make_visitor,
    visitor_header,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    """Headers of a visitor's browser."""
    return bearer() | visitor_header(make_visitor())


@pytest.fixture
def shop():
    """Headers of the shop's back end."""
    return bearer("secret")


def send(headers, *events, **envelope):
    body = {"events": list(events)} | envelope
    return Client().post("/v1/events", body, content_type="application/json", headers=headers)


def send_raw(headers, body, content_type="application/json", query=""):
    return Client().post(f"/v1/events{query}", body, content_type=content_type, headers=headers)


def refusals(answer):
    assert answer.status_code == 200, answer.content
    return [
        (outcome["code"], outcome["pointer"])
        for outcome in answer.json()["outcomes"]
        if outcome["outcome"] == "rejected"
    ]


def test_the_answer_tells_what_became_of_each(browser):
    product = make_product()
    good = event(product_id=product.public_id, request_id="r-1")
    answer = send(browser, good, good, event(product_id="?"), event(quantity=0))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["stored"], body["duplicate"], body["rejected"]) == (1, 1, 2)
    assert body["outcomes"][0] == {
        "index": 0, "event_id": good["event_id"], "outcome": "stored",
    }  # fmt: skip
    assert body["outcomes"][1]["outcome"] == "duplicate"
    assert set(body["outcomes"][2]) == {
        "index", "event_id", "outcome", "code", "pointer", "detail",
    }  # fmt: skip
    assert refusals(answer) == [
        ("unknown_product", "/events/2/product_id"),
        ("invalid_quantity", "/events/3/quantity"),
    ]
    assert Event.objects.get().request_id == "r-1"


def test_all_rejected_is_still_an_answer(browser):
    answer = send(browser, "x", 7)
    assert (answer.status_code, answer.json()["rejected"]) == (200, 2)


def test_a_thousand_events_with_thirty_seven_bad(browser):
    events = [event(session_id="s") for _ in range(1000)]
    for number in range(0, 999, 27):
        events[number]["occurred_at"] = "2026-01-01T00:00:00"
    answer = send(browser, *events).json()
    assert (answer["stored"], answer["rejected"]) == (963, 37)
    assert RejectedEvent.objects.filter(code="time_without_zone").count() == 37


def test_the_visitor_is_the_tokens(browser):
    visitor = make_visitor()
    send(browser | visitor_header(visitor), event())
    assert Event.objects.get().visitor_id == visitor.pk


def test_the_customer_is_the_tokens():
    send(bearer() | customer_header("c-9"), event())
    assert Event.objects.get().customer.public_id == "c-9"


def test_nobody_named_is_rejected_not_refused():
    assert refusals(send(bearer(), event())) == [("shopper_required", "/events/0")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"customer_id": "c"}, "customer_id"),
        ({"visitor_id": "00000000-0000-4000-8000-000000000001"}, "visitor_id"),
        ({"type": "purchase", "product_id": "p"}, "type"),
        ({"type": "return", "product_id": "p"}, "type"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "scopes"), [("publishable", None), ("secret", ["customers:read"])]
)
def test_what_needs_a_secret_key_with_the_scope(kind, scopes, fields, field):
    headers = bearer(kind, scopes) | visitor_header(make_visitor())
    answer = send(headers, event(**fields))
    assert refusals(answer) == [("secret_key_required", f"/events/0/{field}")]
    assert not Event.objects.exists()


def test_a_back_end_sends_purchases_for_customers(shop):
    product = make_product()
    bought = event(type="purchase", product_id=product.public_id, customer_id="c-1", quantity=1)
    assert send(shop, bought).json()["stored"] == 1
    assert Event.objects.get().customer.public_id == "c-1"


def test_a_key_is_needed():
    answer = send({}, event())
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    "token",
    ["x", "00000000000040008000000000000001:forged", "", "é", "a:b:c", "\x7f"],
)
def test_forged_visitor_tokens_are_refused(token):
    answer = send(bearer() | {"X-Visitor-Token": token or " "}, event())
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_visitor_token")
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("x", "invalid_customer_token"),
        ({"exp": timezone.now() - timedelta(seconds=1)}, "expired_customer_token"),
        ({"sub": "a\x00b"}, "invalid_customer_id"),
        ({"sub": "\ud800"}, "invalid_customer_id"),
        ({"sub": "x" * 129}, "invalid_customer_id"),
        ({"sub": 7}, "invalid_customer_token"),
        ({"exp": "soon"}, "invalid_customer_token"),
    ],
)
def test_bad_customer_tokens_are_refused(token, code):
    signed = token if isinstance(token, str) else customer_token("c", **token)
    answer = send(bearer() | {"X-Customer-Token": signed}, event())
    assert (answer.status_code, answer.json()["code"]) == (401, code)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ("x", ""),
        ({}, "/events"),
        ({"events": []}, "/events"),
        ({"events": {}}, "/events"),
        ({"events": [{}], "colour": 1}, "/colour"),
        ({"events": [{}], "sent_at": "now"}, "/sent_at"),
        ({"events": [{}], "sent_at": "2026-01-01T00:00:00"}, "/sent_at"),
        ({"events": [{}], "visitor_token": 1}, "/visitor_token"),
    ],
)
def test_an_envelope_that_can_not_be_read(browser, body, pointer):
    answer = send_raw(browser, orjson.dumps(body))
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 50_000, b"nothing"])
def test_a_body_that_is_no_json(browser, body):
    answer = send_raw(browser, body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_too_much(browser):
    many = send(browser, *[{}] * 1001)
    assert (many.status_code, many.json()["code"]) == (413, "too_many_events")
    big = send_raw(browser, b" " * (2 * 2**20 + 1))
    assert (big.status_code, big.json()["code"]) == (413, "too_large")
    assert not RejectedEvent.objects.exists()


def test_other_kinds_of_body(browser):
    assert send_raw(browser, b"<x/>", "application/xml").status_code == 415


def test_other_parameters_are_named(browser):
    answer = send_raw(browser, orjson.dumps({"events": [event()]}), query="?customer_id=c")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "customer_id"


def test_one_bad_event_does_not_spoil_what_json_can_not_say(browser):
    good = orjson.dumps(event()).decode()
    odd = '{"event_id": "\\ud800", "type": NaN, "quantity": ' + "9" * 5000 + "}"
    answer = send_raw(browser, f'{{"events": [{good}, {odd}, {{"\\u0000": 1}}]}}'.encode())
    body = answer.json()
    assert (answer.status_code, body["stored"], body["rejected"]) == (200, 1, 2)
    assert body["outcomes"][1]["event_id"] is None


def test_a_beacon_bears_its_key_in_the_query_and_its_token_in_the_body():
    visitor = make_visitor()
    key = bearer()["Authorization"].removeprefix("Bearer ")
    token = visitor_header(visitor)["X-Visitor-Token"]
    body = orjson.dumps({"visitor_token": token, "events": [event()]})
    answer = send_raw({}, body, "text/plain;charset=UTF-8", f"?key={key}")
    assert (answer.status_code, answer.json()["stored"]) == (200, 1)
    assert Event.objects.get().visitor_id == visitor.pk


@pytest.mark.parametrize("kind", ["secret", None])
def test_a_beacon_takes_no_secret_or_unknown_key(kind):
    key = bearer(kind)["Authorization"].removeprefix("Bearer ") if kind else "pk_x"
    answer = send_raw({}, orjson.dumps({"events": [event()]}), "text/plain", f"?key={key}")
    code = "publishable_key_required" if kind else "invalid_key"
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_the_key_in_the_query_is_for_beacons_alone():
    key = bearer()["Authorization"].removeprefix("Bearer ")
    assert Client().post(f"/v1/visitors?key={key}").status_code == 401


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(categories=None, exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(
        st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
FIELDS = sorted({*event(product_id="p"), "sku", "customer_id", "quantity", "unit_price", "query"})
almost_events = st.builds(
    lambda changes, known: event(**({"product_id": known} if known else {})) | changes,
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), json_values, max_size=3),
    st.sampled_from(["", "?"]),
)
fuzz = hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzz
@given(events=st.lists(almost_events | json_values, max_size=5), trusted=st.booleans())
def test_any_events_at_all_are_answered(events, trusted):
    headers = bearer("secret" if trusted else "publishable") | visitor_header(make_visitor())
    body = json.dumps({"events": events}).encode()
    answer = send_raw(headers, body)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        counts = answer.json()
        assert counts["stored"] + counts["duplicate"] + counts["rejected"] == len(events)


@fuzz
@given(body=st.binary(max_size=200) | json_values.map(lambda value: str(value).encode()))
def test_any_body_at_all_is_answered(browser, body):
    assert send_raw(browser, body).status_code in {200, 400}


@fuzz
@given(
    token=st.text(st.characters(max_codepoint=255), max_size=80).map(
        lambda text: text.replace("\r", "").replace("\n", "")
    ),
    name=st.sampled_from(["X-Visitor-Token", "X-Customer-Token", "Authorization"]),
)
def test_any_header_at_all_is_answered(browser, token, name):
    assert send(browser | {name: token}, event()).status_code in {200, 401}


def test_a_visitors_token_writes_for_no_other(browser):
    other = make_visitor(make_customer("c-1"))
    answer = send(browser, event(visitor_id=str(other.pk)))
    assert refusals(answer) == [("secret_key_required", "/events/0/visitor_id")]
