"""While somebody is erased their devices, imports and workers go on: nothing slips in after it."""

import threading
import time
from uuid import uuid4

import pytest
from django.db import connection

from customers.exceptions import ErasedError
from customers.models import Customer, Erasure
from customers.services import erase_customer, link_visitor
from events.algorithms.lines import Sender
from events.models import Event, EventKey
from events.services import ensure_partitions_ahead, record_events
from search.services.query_log import AnsweredSearch, record_search
from tests.factories.catalogue import make_product
from tests.factories.events import event, make_customer, make_visitor
from tests.factories.privacy import tables_that_point_to, tables_that_tell
from tests.factories.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
WHO = "erase-me-amid-7f3a"
WRITERS = 6


@pytest.fixture(autouse=True)
def _months():
    ensure_partitions_ahead()


def test_no_event_slips_in_after_the_receipt():
    product, customer, visitor = make_product(), make_customer(WHO), make_visitor()
    link_visitor(visitor.pk, WHO)
    began = threading.Barrier(WRITERS + 1)

    def act(number):
        began.wait(30)
        if number == WRITERS:
            time.sleep(0.05)
            return erase_customer(WHO).state
        refused = 0
        for turn in range(40):
            named = {"visitor_id": str(visitor.pk)} if turn % 3 else {"customer_id": WHO}
            outcomes = record_events(
                [event(event_id=f"{number}-{turn}-{one}", product_id=product.public_id, **named)
                 for one in range(5)],
                Sender(is_trusted=True),
            )  # fmt: skip
            refused += sum(outcome.code == "erased" for outcome in outcomes)
            record_search(AnsweredSearch(
                uuid4(), "q", {}, "relevance", visitor.pk, customer.pk, 0, [], "hybrid", "m", 1,
                False, 1.0,
            ))  # fmt: skip
        return refused

    *refused, state = in_threads(WRITERS + 1, act)
    assert state == "done"
    assert sum(refused) > 0, "nobody wrote after the erasure: the test tells nothing"
    assert Event.objects.count() == 0
    assert EventKey.objects.count() == 0
    assert tables_that_tell(WHO, str(visitor.pk)) == set()
    ids = {"customer_id": [customer.pk], "visitor_id": [visitor.pk]}
    assert tables_that_point_to(ids) == set()
    stored = 5 * 40 * WRITERS - sum(refused)
    assert Erasure.objects.get().counts.get("events", 0) == stored


def test_an_import_under_way_is_waited_for():
    """A transaction that has stored but not committed: the erasure sees its events all the same."""
    make_customer(WHO)
    stored, waited = threading.Event(), []

    def act(number):
        from django.db import transaction  # noqa: PLC0415

        if number == 0:
            with transaction.atomic():
                record_events([event(customer_id=WHO)], Sender(is_trusted=True))
                stored.set()
                time.sleep(0.3)
                waited.append(Erasure.objects.exists())
            return None
        stored.wait(10)
        return erase_customer(WHO).counts

    _, counts = in_threads(2, act)
    assert waited == [False]
    assert counts["events"] == 1
    assert not Event.objects.exists()


def test_many_erase_at_once_and_one_receipt_is_left():
    make_customer(WHO)
    record_events([event(customer_id=WHO) for _ in range(10)], Sender(is_trusted=True))
    answers = in_threads(8, lambda _: erase_customer(WHO).pk)
    assert len(set(answers)) == 1
    receipt = Erasure.objects.get()
    assert (receipt.state, receipt.counts["events"]) == ("done", 10)


def test_links_made_meanwhile_are_made_before_or_refused():
    make_customer(WHO)
    visitors = [make_visitor() for _ in range(WRITERS)]

    def act(number):
        if number == WRITERS:
            return erase_customer(WHO).state
        try:
            return link_visitor(visitors[number].pk, WHO)[1]
        except ErasedError:
            return "refused"

    answers = in_threads(WRITERS + 1, act)
    assert set(answers) <= {True, "refused", "done"}
    assert not Customer.objects.filter(public_id=WHO).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_identitylink")
        assert cursor.fetchone() == (0,)
