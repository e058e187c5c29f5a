"""A Redis that takes connections and never answers costs a request no more than a moment."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.test import Client

from api.background.nudges import breaker
from events.models import RefreshRequest
from tests.factories.catalogue import make_product
from tests.factories.events import bearer, event, make_visitor, visitor_header
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db(transaction=True)
# One wait of half a second, and what a busy machine adds. Waiting at each call would be over it.
MOMENT = 2.5


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The address of a listener whose connections are never served."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(autouse=True)
def closed_breaker():
    breaker.reset()
    yield
    breaker.reset()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_events_are_stored_with_a_broker_that_does_not_answer(black_hole, monkeypatch):
    monkeypatch.setenv("CELERY_BROKER_URL", f"{black_hole}/1")
    make_product("mug")
    visitor = make_visitor()
    headers = bearer() | visitor_header(visitor)
    add = {"type": "add_to_cart", "product_id": "mug", "quantity": 1}
    client = Client(headers=headers)
    with at_most(MOMENT):
        for _ in range(10):
            body = {"events": [event(**add)]}
            answer = client.post("/v1/events", body, content_type="application/json")
            assert answer.json()["stored"] == 1
    wait_until(lambda: breaker.admits() is False)
    assert RefreshRequest.objects.get().visitor_id == visitor.pk


def test_reads_answer_with_a_cache_that_does_not(black_hole, settings):
    cache = settings.CACHES["default"] | {"LOCATION": f"{black_hole}/0"}
    settings.CACHES = {"default": cache}
    settings.ANONYMOUS_READS = True
    make_product("mug", title="Red mug")
    build_index()
    paths = ("/v1/search?q=mug", "/v1/search?q=red", "/v1/recommendations/home", "/readyz")
    with at_most(MOMENT):
        answers = {path: Client().get(path) for path in paths}
    assert {answer.status_code for answer in answers.values()} == {200}
    assert answers["/v1/search?q=mug"].json()["results"][0]["product"]["id"] == "mug"
    assert answers["/readyz"].json()["checks"]["redis"]["status"] == "down"
