"""Bodies of POST /v1/events in gzip, and what only pretends to be."""

import gzip
import random
import tracemalloc
import zlib

import orjson
import pytest
from django.test import Client

from events.models import Event, RejectedEvent
from tests.factories.events import bearer, event, make_visitor, visitor_header

pytestmark = pytest.mark.django_db
MIB = 2**20


@pytest.fixture
def browser():
    return bearer() | visitor_header(make_visitor())


def send(headers, body, encoding="gzip", content_type="application/json"):
    return Client().post(
        "/v1/events", body, content_type=content_type,
        headers=headers | {"Content-Encoding": encoding},
    )  # fmt: skip


def batch(*events):
    return orjson.dumps({"events": list(events)})


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_gzip_is_read(browser, encoding, content_type):
    answer = send(browser, gzip.compress(batch(event())), encoding, content_type)
    assert (answer.status_code, answer.json()["stored"]) == (200, 1)
    assert Event.objects.count() == 1


def test_no_encoding_may_be_named(browser):
    assert send(browser, batch(event()), "identity").json()["stored"] == 1


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd", "\xff"])
def test_other_encodings_are_named(browser, encoding):
    answer = send(browser, batch(event()), encoding)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_encoding")
    assert answer.headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "body",
    [
        b"\x1f",
        b"not gzip",
        batch({}),
        gzip.compress(batch({}))[:-1],
        gzip.compress(batch({})) + b"x",
        gzip.compress(batch({})) * 2,
        gzip.compress(batch({}))[:-8] + bytes(8),
        zlib.compress(batch({})),
        gzip.compress(b"not JSON"),
        gzip.compress(b""),
    ],
)
def test_what_is_no_gzip_of_json_is_a_400(browser, body):
    answer = send(browser, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert not RejectedEvent.objects.exists()


def test_two_mebibytes_are_the_limit_in_every_encoding(browser):
    body = batch(event()).ljust(2 * MIB)
    assert send(browser, body, "identity").status_code == 200
    assert send(browser, gzip.compress(body)).status_code == 200
    for encoding, too_long in (("identity", body + b" "), ("gzip", gzip.compress(body + b" "))):
        answer = send(browser, too_long, encoding)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_what_is_longer_packed_than_allowed_is_not_unpacked(browser):
    noise = gzip.compress(random.Random(1).randbytes(2 * MIB + 1000))
    assert send(browser, noise).status_code == 413


@pytest.mark.parametrize(
    "bomb",
    [
        gzip.compress(bytes(200 * MIB), 9),
        gzip.compress(gzip.compress(bytes(100 * MIB), 9), 9),
        gzip.compress(b"[" * MIB, 9),
        gzip.compress(b'{"events":[' + b"[]," * (600_000) + b"[]]}", 9),
    ],
)
def test_bombs_take_little_memory(browser, bomb):
    send(browser, gzip.compress(batch(event())))  # what is made once is not counted
    tracemalloc.start()
    try:
        answer = send(browser, bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code in {400, 413}
    assert peak < 100 * MIB
