"""Anything at all thrown at POST /v1/events: no answer is a 5xx, and memory stays bounded."""

import gzip
import io
import json
import resource
import tracemalloc
import zlib

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from events.models import Event, EventKey, RejectedEvent
from tests.factories.events import bearer, event, make_visitor, visitor_header

pytestmark = pytest.mark.django_db
MIB = 2**20
# What the largest bodies take: 2 MiB packed, as much unpacked, and 28 times that as objects, for
# the shortest value, an empty list, is 2 bytes as text and 56 as an object.
MOST_MEMORY = 100 * MIB
fuzz = hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))

latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
FIELDS = (
    "event_id", "type", "occurred_at", "product_id", "sku", "visitor_id", "customer_id", "quantity",
    "unit_price", "currency", "query", "session_id", "request_id", "order_id",
)  # fmt: skip
edges = st.sampled_from([
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2026-02-30T00:00:00Z",
    "2026-01-01T00:00:00+24:00", "1e308", "-0", "NaN", "\x00", "\ud800", "lamp", "x" * 200, 1e400,
    2**63, -1, 10**30, "19.99", "EUR", "view", "purchase", "00000000-0000-4000-8000-000000000001",
])  # fmt: skip
events = st.dictionaries(st.sampled_from(FIELDS), edges | json_values, max_size=8).map(
    lambda fields: event() | fields
)
envelopes = st.fixed_dictionaries(
    {"events": st.lists(events | json_values, max_size=4)},
    optional=dict.fromkeys(("sent_at", "visitor_token", "x"), edges | json_values),
)  # fmt: skip
bodies = (envelopes | json_values).map(lambda value: json.dumps(value).encode()) | st.binary(
    max_size=300
)


def damaged(body, place, junk):
    place %= len(body) + 1
    return body[:place] + junk + body[place + len(junk) :]


encoders = {
    "": lambda body: body,
    "identity": lambda body: body,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda body: body,
}
encodings = st.sampled_from(list(encoders))


def call(body, **environ):
    """The answer of the whole application, whatever the server puts into the environment."""
    client = Client(raise_request_exception=False)
    # Not the test client's own stream, which minds being read beyond its end.
    environ = {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": "application/json"} | environ
    return client.generic("POST", "/v1/events", body, **environ)


@pytest.fixture
def keys():
    headers = {kind: bearer(kind)["Authorization"] for kind in ("publishable", "secret")}
    return headers | visitor_header(make_visitor())


@fuzz
@given(
    body=bodies, said=encodings, meant=encodings, place=st.integers(0, 400),
    junk=st.binary(max_size=4), secret=st.booleans(),
)  # fmt: skip
def test_bodies_and_encodings(keys, body, said, meant, place, junk, secret):
    packed = encoders[meant](body)
    if junk:
        packed = damaged(packed, place, junk)
    answer = call(
        packed, HTTP_CONTENT_ENCODING=said, CONTENT_LENGTH=str(len(packed)),
        HTTP_AUTHORIZATION=keys["secret" if secret else "publishable"],
        HTTP_X_VISITOR_TOKEN=keys["X-Visitor-Token"],
    )  # fmt: skip
    assert answer.status_code in {200, 400, 401, 413, 415}, answer.content
    if answer.status_code == 200:
        counts = answer.json()
        total = counts["stored"] + counts["duplicate"] + counts["rejected"]
        assert total == len(counts["outcomes"])
    else:
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert Event.objects.count() == EventKey.objects.count()


@fuzz
@given(
    header=st.sampled_from([
        "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_CONTENT_ENCODING", "HTTP_AUTHORIZATION",
        "HTTP_X_VISITOR_TOKEN", "HTTP_X_CUSTOMER_TOKEN", "HTTP_ACCEPT", "HTTP_ORIGIN",
        "HTTP_TRANSFER_ENCODING", "HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_COOKIE",
        "HTTP_IF_NONE_MATCH",
        "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_EXPECT", "REQUEST_METHOD", "QUERY_STRING",
    ]),
    value=latin | st.sampled_from([
        "-1", "0", "1", "99999999999999999999", "application/json; charset=utf-16", "text/plain;",
        "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "*/*;q=2",
        "text/html",
        "key=pk_x&key=", "key=%00", "visitor_token=x", "PATCH", "GET", "Bearer", "Bearer \xff",
        "gzip",
    ]),
)  # fmt: skip
def test_headers(keys, header, value):
    body = json.dumps({"events": [event()]}).encode()
    environ = {
        "HTTP_AUTHORIZATION": keys["publishable"],
        "HTTP_X_VISITOR_TOKEN": keys["X-Visitor-Token"],
        "CONTENT_LENGTH": str(len(body)),
    }
    answer = call(body, **environ | {header: value})
    assert answer.status_code < 500, answer.content


def worst_bodies():
    """The shortest ways to the most objects, the deepest nesting and the longest texts."""
    whole = 2 * MIB
    yield b'{"events":[' + b"[]," * (whole // 3 - 10) + b"[]]}"
    yield b'{"events":[[' + b"[]," * (whole // 3 - 10) + b"[]]]}"
    yield b'{"events":[' + b"{}," * 999 + b"{}]}"
    yield b'{"events":[' + b"[" * (whole // 2 - 10) + b"]" * (whole // 2 - 10) + b"]}"
    yield b'{"events":[{"event_id":"' + b"\\u0000" * (whole // 6 - 10) + b'"}]}'
    yield b'{"events":[{"quantity":' + b"9" * (whole - 100) + b"}]}"
    yield b'{"events":[{' + b",".join(b'"%d":[]' % n for n in range(whole // 12)) + b"}]}"
    yield b'{"events":["' + b'","'.join([b"\xf0\x9f\x92\xa1" * 500] * 990) + b'"]}'
    yield b'{"events":["' + b'","'.join([b"\\ud83d\\ud83d" * 170] * 990) + b'"]}'


@pytest.mark.parametrize("body", list(worst_bodies()), ids=lambda body: body[:24].decode())
def test_the_worst_bodies_take_little_memory(keys, body):
    assert len(body) <= 2 * MIB
    sent = gzip.compress(body, 1)
    environ = {
        "HTTP_AUTHORIZATION": keys["secret"],
        "HTTP_CONTENT_ENCODING": "gzip",
        "CONTENT_LENGTH": str(len(sent)),
    }
    call(b"{}", **environ | {"CONTENT_LENGTH": "2"})  # what is made once is not counted
    tracemalloc.start()
    try:
        answer = call(sent, **environ)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code in {200, 400, 413}, answer.content[:300]
    assert peak < MOST_MEMORY, peak
    assert len(answer.content) < 2 * MIB


def test_what_comes_after_the_limit_is_not_read(keys):
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            assert size >= 0
            self.taken += size
            return b" " * size

    stream = Endless()
    environ = {"CONTENT_LENGTH": str(10**12), "HTTP_AUTHORIZATION": keys["secret"]}
    assert call(b"", **environ, **{"wsgi.input": stream}).status_code == 413
    assert stream.taken <= 2 * MIB + 1


def test_a_flood_of_bad_events_is_kept_within_bounds(keys):
    bad = [{"event_id": f"e-{n}", "nonsense": "x" * 1900} for n in range(1000)]
    body = json.dumps({"events": bad}).encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(6):
        assert call(body, HTTP_AUTHORIZATION=keys["secret"]).status_code == 200
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # KiB on Linux
    assert grown < MOST_MEMORY // 1024
    assert RejectedEvent.objects.count() == 1000
