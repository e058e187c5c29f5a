"""Events that came before their products are stored when these come."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Customer
from events.algorithms.lines import Sender
from events.models import Event, RefreshRequest, RejectedEvent
from events.services import count_outcomes, record_events, replay_rejected, replaying
from events.services.replaying import Replayed
from events.tasks import replay_events_of, replay_rejected_events
from tests.factories.catalogue import make_product
from tests.factories.events import event
from tests.factories.threads import in_threads

pytestmark = pytest.mark.django_db
SHOP = Sender(is_trusted=True)


def reject(*events, **options):
    outcomes = record_events([event(**one) for one in events], SHOP, **options)
    assert {outcome.result for outcome in outcomes} == {"rejected"}


def waiting():
    return RejectedEvent.objects.filter(replayed_at=None).count()


def test_all_that_it_said_is_stored():
    now = timezone.now()
    reject(
        {"event_id": "e", "type": "purchase", "product_id": "lamp", "sku": "lamp-s",
         "customer_id": "c", "quantity": 2, "unit_price": "1.50", "order_id": "o",
         "occurred_at": (now + timedelta(hours=3)).isoformat()},
        sent_at=now + timedelta(hours=3),
    )  # fmt: skip
    product = make_product(public_id="lamp", sku="lamp-s")
    assert replay_rejected([product.pk]) == Replayed(stored=1)
    stored = Event.objects.get()
    assert (stored.product, stored.variant.sku, stored.quantity) == (product, "lamp-s", 2)
    assert (str(stored.unit_price), stored.order_id) == ("1.5000", "o")
    assert abs(stored.occurred_at - now) < timedelta(minutes=1)
    assert stored.claimed_at == now + timedelta(hours=3)
    assert RejectedEvent.objects.get().replayed_at is not None
    assert RefreshRequest.objects.get().customer == Customer.objects.get(public_id="c")


def test_again_does_nothing():
    reject({"product_id": "lamp", "customer_id": "c"})
    make_product(public_id="lamp")
    assert [replay_rejected() for _ in range(2)] == [Replayed(stored=1), Replayed()]


def test_only_what_waited_for_these_products():
    reject({"product_id": "lamp", "customer_id": "c"}, {"product_id": "chair", "customer_id": "c"})
    lamp = make_product(public_id="lamp")
    make_product(public_id="chair")
    assert replay_rejected([lamp.pk]) == Replayed(stored=1)
    assert waiting() == 1


def test_a_sku_by_itself():
    reject({"sku": "lamp-s", "customer_id": "c"})
    assert replay_rejected() == Replayed()
    product = make_product(sku="lamp-s")
    assert replay_rejected([product.pk]) == Replayed(stored=1)


def test_a_variant_that_comes_after_its_product():
    product = make_product(public_id="lamp", sku="lamp-s")
    reject({"product_id": "lamp", "sku": "lamp-l", "customer_id": "c"})
    assert replay_rejected() == Replayed()
    product.variants.create(sku="lamp-l", list_price=1, currency="USD")
    assert replay_rejected([product.pk]) == Replayed(stored=1)


def test_what_is_refused_again_is_so_for_its_new_reason():
    reject({"product_id": "lamp", "sku": "lamp-xl", "customer_id": "c"})
    make_product(public_id="lamp")
    assert replay_rejected() == Replayed(refused=1)
    left = RejectedEvent.objects.get(replayed_at=None)
    assert (left.code, left.pointer) == ("unknown_sku", "/sku")
    assert replay_rejected() == Replayed()


def test_what_was_sent_again_meanwhile_is_stored_once():
    one = event(product_id="lamp", customer_id="c")
    reject(one)
    product = make_product(public_id="lamp")
    assert count_outcomes(record_events([one], SHOP))["stored"] == 1
    assert replay_rejected([product.pk]) == Replayed(stored=1)
    assert (Event.objects.count(), waiting()) == (1, 0)


def test_flawed_events_wait_for_nothing():
    reject({"product_id": "lamp", "sku": "lamp-s", "customer_id": "c", "quantity": 0})
    make_product(public_id="lamp", sku="lamp-s")
    assert replay_rejected() == Replayed()


def test_more_than_go_into_one_statement(monkeypatch):
    monkeypatch.setattr(replaying, "AT_ONCE", 10)
    reject(*({"product_id": "lamp", "customer_id": f"c-{n}"} for n in range(25)))
    make_product(public_id="lamp")
    assert replay_rejected() == Replayed(stored=25)


def test_what_has_grown_too_old_stays_out(settings):
    moment = timezone.now() - timedelta(days=40)
    reject({"product_id": "lamp", "customer_id": "c", "occurred_at": moment.isoformat()})
    make_product(public_id="lamp")
    settings.EVENTS_RETENTION_DAYS = 30
    assert replay_rejected() == Replayed(refused=1)
    assert (Event.objects.exists(), waiting()) == (False, 0)


def test_a_thousand_with_thirty_seven_that_come_before_their_products():
    lamp = make_product(public_id="lamp")
    events = [
        event(product_id="chair" if number % 27 == 0 and number < 999 else "lamp", customer_id="c")
        for number in range(1000)
    ]
    outcomes = record_events(events, SHOP)
    assert count_outcomes(outcomes) == {"stored": 963, "duplicate": 0, "rejected": 37}
    assert Event.objects.filter(product=lamp).count() == 963
    assert waiting() == 37
    chair = make_product(public_id="chair")
    assert replay_rejected_events() == {"stored": 37, "refused": 0}
    assert Event.objects.filter(product=chair).count() == 37
    assert waiting() == 0


@pytest.mark.django_db(transaction=True)
def test_the_products_arrival_brings_them_in(monkeypatch):
    reject({"product_id": "lamp", "customer_id": "c"})
    nudged = []
    monkeypatch.setattr(
        "events.receivers.nudge", lambda task, ids: nudged.append((task, ids)) or task(ids)
    )
    product = make_product(public_id="lamp")
    assert (replay_events_of, [product.pk]) in nudged
    assert Event.objects.get().product == product


@pytest.mark.django_db(transaction=True)
def test_many_at_once_store_each_once():
    reject(*({"product_id": "lamp", "customer_id": f"c-{n}"} for n in range(60)))
    product = make_product(public_id="lamp")
    answers = in_threads(8, lambda _: replay_rejected([product.pk]))
    assert sum(answer.stored for answer in answers) == 60
    assert (Event.objects.count(), waiting()) == (60, 0)
