"""Logout, unlink and merge over HTTP: who may, and what they do."""

import pytest
from django.test import Client

from customers.models import Customer, IdentityLink
from customers.selectors import resolve_shopper
from events.models import RefreshRequest
from events.selectors import shopper_history
from tests.factories.catalogue import make_product
from tests.factories.events import bearer, make_customer, make_visitor, record_event, visitor_header

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def post(path, headers, **body):
    return Client().post(f"/v1/{path}", body, headers=headers, **JSON)


def test_a_logout_keeps_what_was_and_parts_what_follows():
    visitor, product = make_visitor(make_customer("a")), make_product()
    record_event(product=product, visitor=visitor, days_ago=1)
    headers = bearer() | visitor_header(visitor)
    assert post("logout", headers).json() == {"visitor_id": str(visitor.pk), "logged_out": True}
    assert post("logout", headers).json()["logged_out"] is False
    assert resolve_shopper(visitor.pk).customer_id is None
    assert shopper_history(resolve_shopper(visitor.pk)) == []
    assert len(shopper_history(resolve_shopper(None, "a"))) == 1


def test_unlinking_needs_a_secret_key_and_undoes_all():
    visitor = make_visitor(make_customer("a"))
    record_event(product=make_product(), visitor=visitor)
    body = {"visitor_id": str(visitor.pk)}
    refused = post("unlink", bearer() | visitor_header(visitor), **body)
    assert (refused.status_code, refused.json()["code"]) == (403, "secret_key_required")
    RefreshRequest.objects.all().delete()
    assert post("unlink", bearer("secret"), **body).json() == body | {"customer_id": "a"}
    assert post("unlink", bearer("secret"), **body).json() == body | {"customer_id": None}
    assert len(shopper_history(resolve_shopper(visitor.pk))) == 1
    assert RefreshRequest.objects.count() == 2
    assert not IdentityLink.objects.in_force().exists()


def test_a_merge_is_made_once_and_undone():
    record_event(product=make_product(), customer=make_customer("old"))
    first = post("customers/old/merge", bearer("secret"), into="new")
    assert first.status_code == 200
    assert post("customers/old/merge", bearer("secret"), into="new").json() == first.json()
    assert len(shopper_history(resolve_shopper(None, "new"))) == 1
    delete = Client().delete
    assert delete("/v1/customers/old/merge", headers=bearer("secret")).status_code == 204
    assert delete("/v1/customers/old/merge", headers=bearer("secret")).status_code == 404
    assert delete("/v1/customers/nobody/merge", headers=bearer("secret")).status_code == 404
    assert shopper_history(resolve_shopper(None, "new")) == []


@pytest.mark.parametrize(
    ("one", "into", "code"),
    [("a", "a", "merge_cycle"), ("a", "c", "already_merged"), ("b", "a", "merge_cycle")],
)
def test_merges_that_can_not_be(one, into, code):
    post("customers/a/merge", bearer("secret"), into="b")
    answer = post(f"customers/{one}/merge", bearer("secret"), into=into)
    if (one, into) == ("a", "a"):
        code = "already_merged"
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert Customer.objects.exclude(root=None).count() == 1


@pytest.mark.parametrize("customer_id", ["%00", "a%0Ab", "x" * 129])
@pytest.mark.parametrize("what", ["merge", "erasure", "export"])
def test_customer_ids_that_can_not_be(customer_id, what):
    call = Client().get if what == "export" else Client().post
    sent = {} if what != "merge" else {"data": {"into": "b"}, **JSON}
    answer = call(f"/v1/customers/{customer_id}/{what}", headers=bearer("secret"), **sent)
    assert answer.status_code in {400, 404}
    answer = post("customers/a/merge", bearer("secret"), into="\ud800")
    assert answer.status_code == 400
