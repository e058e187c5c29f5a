"""Who allowed what, when, and through whom is kept, unchangeable, until they are erased."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from customers.models import ConsentRecord, Customer
from tests.factories.events import bearer, customer_header, make_visitor, visitor_header

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def put(headers, **body):
    answer = Client().put("/v1/consent", body, headers=headers, **JSON)
    assert answer.status_code == 200, answer.content


@pytest.fixture
def said():
    """A customer with a history of three, and a device that spoke once."""
    device = make_visitor()
    put(bearer() | visitor_header(device) | customer_header("c-1"), personalisation=False)
    put(bearer() | customer_header("c-1"), personalisation=True, analytics=False)
    put(bearer("secret"), customer_id="c-1", analytics=True)
    return device


def test_each_word_is_kept(said):
    told = ConsentRecord.objects.order_by("pk").values_list(
        "customer__public_id", "visitor", "analytics", "personalisation", "said_by"
    )
    assert list(told) == [
        (None, said.pk, None, False, "shopper"),
        ("c-1", None, None, False, "shopper"),
        ("c-1", None, False, True, "shopper"),
        ("c-1", None, True, None, "shop"),
    ]


def test_nothing_of_it_is_changed_or_removed(said):
    one = ConsentRecord.objects.order_by("pk").last()
    for act in (
        lambda: ConsentRecord.objects.filter(pk=one.pk).update(analytics=False),
        lambda: ConsentRecord.objects.filter(pk=one.pk).delete(),
        lambda: Customer.objects.get().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            act()
    assert ConsentRecord.objects.count() == 4


def test_it_is_exported_and_goes_by_erasure_with_its_count(said):
    exported = Client().get("/v1/customers/c-1/export", headers=bearer("secret"))
    consents = json.loads(exported.getvalue())["consents"]
    assert [one["analytics"] for one in consents] == [None, False, True]
    erased = Client().post("/v1/customers/c-1/erasure", headers=bearer("secret"))
    assert erased.json()["counts"]["consents"] == 3
    assert ConsentRecord.objects.get().visitor_id == said.pk
    erased = Client().post("/v1/visitors/erasure", headers=bearer() | visitor_header(said))
    assert erased.json()["counts"]["consents"] == 1
    assert not ConsentRecord.objects.exists()
