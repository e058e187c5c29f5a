"""Periodic tasks run one at a time and leave a record."""

import threading

import pytest
from django.db import connection

from api.background import periodic
from api.background.models import PeriodicRun
from api.background.selectors import last_heartbeat
from api.background.tasks import beat_heartbeat


@pytest.mark.django_db
def test_a_run_and_what_it_did_is_recorded():
    assert periodic("count sheep")(lambda: {"sheep": 3})() == {"sheep": 3}
    run = PeriodicRun.objects.get(name="count sheep")
    assert (run.state, run.detail) == ("succeeded", {"sheep": 3})
    assert run.finished_at >= run.started_at


@pytest.mark.django_db
def test_a_failure_is_recorded_and_raised():
    def fail():
        raise ValueError("no sheep")

    with pytest.raises(ValueError, match="no sheep"):
        periodic("count sheep")(fail)()
    run = PeriodicRun.objects.get(name="count sheep")
    assert (run.state, run.detail) == ("failed", {"error": "ValueError: no sheep"})


@pytest.mark.django_db
def test_a_run_that_was_killed_is_marked_by_the_next():
    PeriodicRun.objects.create(name="count sheep")
    other = PeriodicRun.objects.create(name="count goats")
    periodic("count sheep")(dict)()
    states = PeriodicRun.objects.filter(name="count sheep").values_list("state", flat=True)
    assert sorted(states) == ["failed", "succeeded"]
    other.refresh_from_db()
    assert other.state == "running"


@pytest.mark.django_db(transaction=True)
def test_an_overlapping_run_is_skipped():
    started, release = threading.Event(), threading.Event()
    answers = []

    def hold():
        started.set()
        release.wait(10)
        return {"who": "first"}

    def first():
        answers.append(periodic("count sheep")(hold)())
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert started.wait(10)
    skipped = periodic("count sheep")(lambda: {"who": "second"})()
    release.set()
    thread.join(10)
    assert "skipped" in skipped
    assert answers == [{"who": "first"}]
    assert PeriodicRun.objects.filter(name="count sheep").count() == 1
    assert periodic("count sheep")(lambda: {"who": "third"})() == {"who": "third"}


@pytest.mark.django_db
def test_the_heartbeat_is_one_row():
    assert last_heartbeat() is None
    beat_heartbeat()
    first = last_heartbeat()
    beat_heartbeat()
    assert last_heartbeat() > first
    assert PeriodicRun.objects.count() == 1
