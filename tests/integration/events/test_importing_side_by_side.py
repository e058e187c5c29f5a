"""An import reads on while it stores: nothing is lost or told wrongly for it."""

import time

import orjson
import pytest
from django.db import OperationalError, connection

from events.exceptions import BadEventLineError
from events.models import Event, EventKey, RejectedEvent
from events.services import import_events, importing, storing_ahead
from tests.factories.catalogue import make_product
from tests.factories.events import event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 20)


def numbered(events):
    return [(number, orjson.dumps(one)) for number, one in enumerate(events, 1)]


def some(count, **fields):
    return [event(customer_id=f"c-{n % 5}", **fields) for n in range(count)]


def connections():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def wait_until_closed(before):
    """A server's process ends a moment after its client has left."""
    deadline = time.monotonic() + 20
    while connections() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_all_is_stored_and_told_chunk_by_chunk():
    lamp = make_product().public_id
    events = some(170, product_id=lamp) + some(13, product_id="later")
    before, read = connections(), []
    report = import_events(numbered(events), on_chunk=lambda report: read.append(report.read))
    assert report.outcomes == {"stored": 170, "rejected": 13}
    assert report.rejections == {"unknown_product": 13}
    assert read == [*range(20, 181, 20), 183]
    assert Event.objects.count() == EventKey.objects.count() == 170
    wait_until_closed(before)


def test_an_id_in_many_chunks_is_stored_once():
    events = some(25) * 6
    report = import_events(numbered(events))
    assert report.outcomes == {"stored": 25, "duplicate": 125}
    assert Event.objects.count() == EventKey.objects.count() == 25


def test_what_precedes_a_bad_line_is_stored():
    events = some(93)
    lines = [*numbered(events[:90]), (91, b"{"), *numbered(events[90:])]
    reports = []
    with pytest.raises(BadEventLineError, match="line 91"):
        import_events(lines, on_chunk=reports.append)
    assert reports[-1].read == Event.objects.count() == 90
    assert not RejectedEvent.objects.exists()


def test_what_was_given_is_stored_when_reading_fails():
    def lines():
        yield from numbered(some(60))
        raise EOFError("cut short")

    with pytest.raises(EOFError):
        import_events(lines())
    assert Event.objects.count() == 60


def test_a_chunk_that_can_not_be_stored_ends_it(monkeypatch):
    store = storing_ahead.store_batch
    stored = []

    def fail_the_third(batch):
        if len(stored) == 2:
            raise OperationalError("the database is gone")
        stored.append(batch)
        return store(batch)

    monkeypatch.setattr(storing_ahead, "store_batch", fail_the_third)
    before = connections()
    reports = []
    with pytest.raises(OperationalError, match="gone"):
        import_events(numbered(some(200)), on_chunk=reports.append)
    assert reports[-1].read == Event.objects.count() == 40
    wait_until_closed(before)
