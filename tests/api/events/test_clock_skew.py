"""`sent_at` tells how wrong the sender's clock is; the times of the events are put right by it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Event, RejectedEvent
from tests.factories.events import bearer, event, make_visitor, visitor_header

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)


def text(moment):
    return moment if isinstance(moment, str) else moment.isoformat()


@pytest.fixture
def send():
    headers = bearer() | visitor_header(make_visitor())

    def post(occurred_at, sent_at):
        body = {"events": [event(occurred_at=text(occurred_at))]}
        if sent_at is not None:
            body["sent_at"] = text(sent_at)
        answer = Client().post("/v1/events", body, content_type="application/json", headers=headers)
        return answer.json()["outcomes"][0]

    return post


@pytest.mark.parametrize(
    "wrong", [timedelta(hours=7), timedelta(hours=-7), timedelta(days=30), timedelta(minutes=-2)]
)
def test_a_wrong_clock_is_put_right_and_what_it_said_is_kept(send, wrong):
    now = timezone.now()
    happened = now - timedelta(minutes=5)
    send(happened + wrong, now + wrong)
    stored = Event.objects.get()
    assert abs(stored.occurred_at - happened) < SOON
    assert stored.claimed_at == happened + wrong


@pytest.mark.parametrize("wrong", [None, timedelta(0), SOON, -SOON, timedelta(days=32)])
def test_what_is_no_skew_changes_nothing(send, wrong):
    now = timezone.now()
    send(now, None if wrong is None else now - wrong)
    stored = Event.objects.get()
    assert (stored.occurred_at, stored.claimed_at) == (now, None)


def test_what_is_in_the_future_all_the_same_is_rejected(send):
    now = timezone.now()
    outcome = send(now + timedelta(days=9), now + timedelta(days=2))
    assert (outcome["code"], outcome["pointer"]) == ("in_future", "/events/0/occurred_at")
    kept = RejectedEvent.objects.get()
    assert kept.payload["occurred_at"] == (now + timedelta(days=9)).isoformat()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("hours", [5, -5])
def test_the_ends_of_the_calendar(send, moment, hours):
    outcome = send(moment, timezone.now() + timedelta(hours=hours))
    assert outcome["code"] in {"in_future", "too_old"}


@pytest.mark.parametrize("sent_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_clock_at_the_ends_of_the_calendar(send, sent_at):
    assert send(timezone.now(), sent_at)["outcome"] == "stored"
