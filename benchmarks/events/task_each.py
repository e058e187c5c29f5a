"""What one Celery task for each event gives: the usual way, for comparison.

A task that takes the event and stores it through the same sink; publisher, broker, one worker with
two processes and PostgreSQL share the machine. Measured from the first message to the last row.
"""

import time
from typing import Any

from celery import current_app, shared_task

from benchmarks.events.rows import make_events
from benchmarks.events.shop import running

EVENTS = 2_000
QUEUE = "benchmark"


@shared_task
def store_one_event(event: dict[str, Any]) -> None:
    """Store one event."""
    from events.algorithms.lines import Sender  # noqa: PLC0415 - Django must be set up
    from events.services import record_events  # noqa: PLC0415

    record_events([event], Sender(is_trusted=True))


def measure_task_each() -> dict[str, float]:
    """Events per second."""
    worker = ("celery", "-A", "api.celery", "worker", "-Q", QUEUE, "-c", "2", "-I", __name__)
    with running(*worker):
        _send(make_events(20))
        _wait_until_stored(20)
        started = time.perf_counter()
        before = _stored()
        _send(make_events(EVENTS))
        _wait_until_stored(before + EVENTS)
        taken = time.perf_counter() - started
    return {"events_per_second": EVENTS / taken, "events": EVENTS}


def _send(events: list[dict[str, Any]]) -> None:
    with current_app.producer_or_acquire() as producer:
        for event in events:
            store_one_event.apply_async((event,), queue=QUEUE, producer=producer)


def _wait_until_stored(count: int) -> None:
    deadline = time.monotonic() + 300
    while _stored() < count:
        if time.monotonic() > deadline:
            raise SystemExit("the worker does not keep up")
        time.sleep(0.02)


_marks: dict[str, int] = {}


def _stored() -> int:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_event WHERE id > %s", [_mark()])
        return int(cursor.fetchone()[0])


def _mark() -> int:
    """The last event's number before this began."""
    from django.db import connection  # noqa: PLC0415

    if "first" not in _marks:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM events_event")
            _marks["first"] = int(cursor.fetchone()[0])
    return _marks["first"]
