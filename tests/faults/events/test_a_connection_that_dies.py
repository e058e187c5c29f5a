"""A connection that dies in the middle of a batch: 503, nothing stored, and the retry stores it."""

import threading
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client

from events.algorithms.lines import Sender
from events.models import Event, EventKey, RejectedEvent
from events.services import record_events
from tests.factories.events import bearer, event, make_visitor, visitor_header

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid <> pg_backend_pid()"
    " AND datname = current_database()"
)


@contextmanager
def another_connection(**options):
    with psycopg.connect(**connection.get_connection_params() | options) as other:
        yield other


@contextmanager
def key_being_stored_elsewhere(event_id):
    """Somebody else is storing `event_id`: whoever stores it too must wait."""
    with another_connection() as other:
        other.execute("INSERT INTO events_eventkey VALUES (%s, now())", [event_id])
        yield
        other.rollback()


def terminate_the_waiting_one():
    with another_connection(autocommit=True) as other:
        while (waiting := other.execute(WAITING).fetchone()) is None:
            pass
        other.execute("SELECT pg_terminate_backend(%s, 5000)", waiting)


def test_nothing_is_stored_and_the_retry_stores_all():
    headers = bearer() | visitor_header(make_visitor())
    batch = [event(event_id=f"e-{number}") for number in range(10)] + [{"bad": 1}]
    answers = []

    def send():
        client = Client(raise_request_exception=False)
        answers.append(
            client.post(
                "/v1/events", {"events": batch}, content_type="application/json", headers=headers
            )
        )
        connections.close_all()

    with key_being_stored_elsewhere("e-7"):
        sender = threading.Thread(target=send)
        sender.start()
        terminate_the_waiting_one()
        sender.join(30)
    assert answers[0].status_code == 503
    assert answers[0].json()["code"] == "database_unavailable"
    assert int(answers[0].headers["Retry-After"]) > 0
    assert [model.objects.count() for model in (Event, EventKey, RejectedEvent)] == [0, 0, 0]
    send()
    assert (answers[1].json()["stored"], answers[1].json()["rejected"]) == (10, 1)
    assert Event.objects.count() == EventKey.objects.count() == 10


def test_one_that_died_between_requests_is_replaced():
    record_events([event(customer_id="somebody")], Sender(is_trusted=True))
    with another_connection(autocommit=True) as other:
        process = connection.connection.info.backend_pid
        connection.close_if_unusable_or_obsolete()  # as the next request begins
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    outcomes = record_events([event(customer_id="somebody")], Sender(is_trusted=True))
    assert [outcome.result for outcome in outcomes] == ["stored"]
