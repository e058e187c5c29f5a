"""product_viewed → receiver → log_product_view: stored once, with or without a broker."""

import pytest

from events import receivers
from events.models import Event
from events.signals import product_viewed
from events.tasks import log_product_view
from tests.factories.catalogue import make_product
from tests.factories.events import make_visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def nudged(monkeypatch):
    calls = []

    def nudge(task, *args):
        calls.append((task, args))
        return True

    monkeypatch.setattr(receivers, "nudge", nudge)
    return calls


def test_a_view_is_enqueued_and_stored_once(nudged):
    product, visitor = make_product(), make_visitor()
    product_viewed.send(sender=None, product_id=product.public_id, visitor_id=visitor.pk)
    ((task, args),) = nudged
    assert task is log_product_view
    assert not Event.objects.exists()
    assert [task(*args) for _ in range(2)] == ["stored", "duplicate"]
    stored = Event.objects.get()
    assert (stored.type, stored.product, stored.visitor) == ("view", product, visitor)


def test_without_a_broker_it_is_stored_at_once(monkeypatch):
    monkeypatch.setattr(receivers, "nudge", lambda *_: False)
    product_viewed.send(sender=None, product_id=make_product().public_id, customer_id="c-1")
    assert Event.objects.get().customer.public_id == "c-1"


def test_a_view_of_an_unknown_product_is_rejected():
    view = ("e", "2026-01-01T00:00:00+00:00", "?", None, "c")
    assert log_product_view(*view) == "rejected"
