"""Consent: set by whoever the tokens name, and followed by what is recorded, learnt and shown."""

import pytest
from django.test import Client

from customers.models import Customer, Visitor
from customers.selectors import resolve_shopper
from events.models import Event, RefreshRequest, RejectedEvent
from search.models import SearchQuery
from tests.factories.catalogue import make_product
from tests.factories.events import (
    bearer,
    customer_header,
    event,
    make_visitor,
    visitor_header,
)

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def put(headers, **body):
    return Client().put("/v1/consent", body, headers=headers, **JSON)


def send(headers, *events):
    answer = Client().post("/v1/events", {"events": list(events)}, headers=headers, **JSON)
    return [one.get("code", one["outcome"]) for one in answer.json()["outcomes"]]


def test_what_is_said_is_kept_and_answered():
    visitor = make_visitor()
    headers = bearer() | visitor_header(visitor)
    asked = Client().get("/v1/consent", headers=headers)
    assert asked.json() == {"analytics": True, "personalisation": True}
    answer = put(headers, personalisation=False)
    assert answer.json() == {"analytics": True, "personalisation": False}
    visitor.refresh_from_db()
    assert (visitor.analytics, visitor.personalisation) == (None, False)
    assert put(headers, personalisation=True, analytics=False).json()["analytics"] is False
    assert Client().get("/v1/consent", headers=headers).json()["analytics"] is False


def test_a_device_speaks_for_itself_and_a_customer_for_themselves():
    visitor = make_visitor()
    device = bearer() | visitor_header(visitor)
    put(device | customer_header("c-1"), personalisation=False)
    assert Customer.objects.get().personalisation is False
    assert Visitor.objects.get().personalisation is False
    put(device, personalisation=True)
    assert Customer.objects.get().personalisation is False
    assert not resolve_shopper(visitor.pk, "c-1").is_known
    assert resolve_shopper(visitor.pk).is_known
    named = put(bearer("secret"), customer_id="c-1", personalisation=True)
    assert named.json()["personalisation"] is True
    assert resolve_shopper(visitor.pk, "c-1").is_known


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, {"analytics": False}, 400),
        (customer_header, {}, 400),
        (customer_header, {"analytics": "perhaps"}, 400),
        (customer_header, {"marketing": True}, 400),
        ({}, {"analytics": False, "customer_id": "c-1"}, 403),
    ],
)
def test_what_can_not_be_said(headers, body, status):
    named = headers("c-1") if callable(headers) else headers
    assert put(bearer() | named, **body).status_code == status
    assert not Customer.objects.exists()


def test_without_analytics_nothing_of_what_they_do_is_kept():
    visitor, product = make_visitor(), make_product()
    headers = bearer() | visitor_header(visitor)
    put(headers, analytics=False)
    RefreshRequest.objects.all().delete()
    codes = send(headers, event(product_id=product.public_id), event(product_id="unknown"),
                 {"nonsense": 1})  # fmt: skip
    assert codes == ["consent_refused", "consent_refused", "unknown_field"]
    for model in (Event, RejectedEvent, RefreshRequest):
        assert not model.objects.exists()
    Client().get("/v1/search?q=lamp", headers=headers)
    assert not SearchQuery.objects.exclude(visitor_id=None).exists()


def test_what_a_shop_sells_is_kept_without_what_would_trace_them():
    put(bearer("secret"), customer_id="c-1", analytics=False)
    product = make_product()
    named = {"product_id": product.public_id, "customer_id": "c-1", "session_id": "s",
             "request_id": "r"}  # fmt: skip
    codes = send(bearer("secret"), event(**named) | {"type": "purchase"}, event(**named))
    assert codes == ["stored", "consent_refused"]
    stored = Event.objects.get()
    assert (stored.type, stored.session_id, stored.request_id) == ("purchase", None, None)


def test_an_event_may_say_so_itself():
    visitor, product = make_visitor(), make_product()
    headers = bearer() | visitor_header(visitor)
    said = {"product_id": product.public_id}
    codes = send(headers, event(**said, consent={"analytics": False}),
                 event(**said, consent={"personalisation": False}),
                 event(**said, consent={"x": True}))  # fmt: skip
    assert codes == ["consent_refused", "stored", "invalid_consent"]
    assert Event.objects.get().restriction == "impersonal"
    assert not RefreshRequest.objects.exists()


def test_where_it_is_required_devices_are_asked_first_but_back_ends_are_believed(settings):
    settings.CONSENT_REQUIRED = True
    visitor, product = make_visitor(), make_product()
    headers = bearer() | visitor_header(visitor)
    said = {"product_id": product.public_id}
    assert send(headers, event(**said)) == ["consent_refused"]
    back_end = event(**said, visitor_id=str(visitor.pk))
    assert send(bearer("secret"), back_end, event(**said, customer_id="c-1")) == ["stored"] * 2
    put(headers, analytics=True)
    assert send(headers, event(**said)) == ["stored"]


def test_answers_still_come_but_nothing_personal():
    visitor, product = make_visitor(), make_product()
    headers = bearer() | visitor_header(visitor)
    send(headers, event(product_id=product.public_id))
    put(headers, personalisation=False)
    answer = Client().get("/v1/recommendations/home", headers=headers)
    assert (answer.status_code, answer.json()["source"]) == (200, "popular")


@pytest.mark.parametrize(
    ("agent", "restriction"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0", "bot"),
        ("okhttp/4.12.0", None),
        ("Dart/3.5 (dart:io)", None),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT X19) Chrome/120 Mobile Safari/537.36", None),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", None),
    ],
)
def test_declared_bots_are_marked(agent, restriction):
    product = make_product()
    headers = bearer() | visitor_header(make_visitor()) | {"User-Agent": agent}
    assert send(headers, event(product_id=product.public_id)) == ["stored"]
    assert Event.objects.get().restriction == restriction


def test_a_back_end_is_no_bot_whatever_it_is_called():
    product = make_product()
    headers = bearer("secret") | {"User-Agent": "shop-crawler/2.31"}
    assert send(headers, event(product_id=product.public_id, customer_id="c")) == ["stored"]
    assert Event.objects.get().restriction is None
