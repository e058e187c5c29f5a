"""POST /v1/identify: a visitor becomes a customer, by whoever may say so."""

import pytest
from django.test import Client

from customers.models import Customer, IdentityLink
from customers.selectors import Shopper, resolve_shopper
from customers.services import unlink_visitor
from customers.signals import visitor_identified
from events.models import RefreshRequest
from events.selectors import purchased_products, shopper_history
from tests.factories.catalogue import make_product
from tests.factories.events import (
    bearer,
    customer_header,
    make_customer,
    make_visitor,
    record_event,
    visitor_header,
)

pytestmark = pytest.mark.django_db


def identify(headers, **body):
    return Client().post("/v1/identify", body, content_type="application/json", headers=headers)


def test_with_a_customer_token():
    visitor = make_visitor()
    answer = identify(bearer() | visitor_header(visitor) | customer_header("c-1"))
    assert answer.status_code == 200
    assert answer.json()["visitor_id"] == str(visitor.pk)
    assert answer.json()["customer_id"] == "c-1"
    assert resolve_shopper(visitor.pk).customer_public_id == "c-1"


def test_with_a_secret_key_and_both_in_the_body():
    visitor = make_visitor()
    token = visitor_header(visitor)["X-Visitor-Token"]
    answer = identify(bearer("secret"), visitor_token=token, customer_id="c-1")
    assert answer.status_code == 200
    assert IdentityLink.objects.in_force().get().customer.public_id == "c-1"


def test_a_publishable_key_names_no_customer():
    answer = identify(bearer() | visitor_header(make_visitor()), customer_id="c-1")
    assert (answer.status_code, answer.json()["code"]) == (403, "secret_key_required")
    assert not IdentityLink.objects.exists()


def test_a_secret_key_needs_the_scope():
    headers = bearer("secret", ["events:write"]) | visitor_header(make_visitor())
    assert identify(headers, customer_id="c-1").status_code == 403


@pytest.mark.parametrize(
    ("has_visitor", "pointer"), [(True, "/customer_id"), (False, "/visitor_token")]
)
def test_both_must_be_named(has_visitor, pointer):
    headers = bearer() | (visitor_header(make_visitor()) if has_visitor else customer_header("c"))
    answer = identify(headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("customer_id", ["", "a\x00b", "a\nb", "x" * 129, ["c"], {"a": 1}, None])
def test_customer_ids_that_can_not_be(customer_id):
    headers = bearer("secret") | visitor_header(make_visitor())
    answer = identify(headers, customer_id=customer_id)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/customer_id"


def test_unknown_fields_are_named():
    answer = identify(bearer() | visitor_header(make_visitor()), visitor="v")
    assert answer.json()["errors"][0]["pointer"] == "/visitor"


def test_earlier_events_count_for_the_customer_until_it_is_undone():
    product, visitor = make_product(), make_visitor()
    record_event("purchase", product=product, visitor=visitor)
    identify(bearer() | visitor_header(visitor) | customer_header("c-1"))
    customer = Shopper(customer_id=Customer.objects.get().pk)
    assert purchased_products(customer) == {product.pk}
    assert RefreshRequest.objects.get().customer_id == customer.customer_id
    unlink_visitor(visitor.pk)
    assert purchased_products(customer) == frozenset()
    assert purchased_products(Shopper(visitor_id=visitor.pk)) == {product.pk}


def test_again_changes_nothing(django_capture_on_commit_callbacks):
    heard = []

    def hear(visitor_id, customer_id, **_):
        heard.append((visitor_id, customer_id))

    visitor_identified.connect(hear)
    visitor = make_visitor()
    headers = bearer() | visitor_header(visitor) | customer_header("c-1")
    with django_capture_on_commit_callbacks(execute=True):
        first = identify(headers).json()
    RefreshRequest.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert identify(headers).json() == first
    assert heard == [(visitor.pk, Customer.objects.get().pk)]
    assert IdentityLink.objects.count() == 1
    assert not RefreshRequest.objects.exists()


def test_another_customer_takes_the_device_over():
    old, visitor = make_customer("c-1"), make_visitor()
    headers = bearer() | visitor_header(visitor)
    identify(headers | customer_header("c-1"))
    record_event(product=make_product(), customer=old, visitor=visitor)
    identify(headers | customer_header("c-2"))
    assert resolve_shopper(visitor.pk).customer_public_id == "c-2"
    assert IdentityLink.objects.count() == 2
    # What was sent as the first customer's own stays theirs.
    assert len(shopper_history(Shopper(customer_id=old.pk))) == 1
    assert shopper_history(resolve_shopper(visitor.pk)) == []
