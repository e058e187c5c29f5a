"""One event as it comes from outside: read, or refused with a code, a pointer and what to do."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.algorithms.lines import (
    FUTURE_TOLERANCE,
    TYPES,
    Clock,
    EventLine,
    Flaw,
    Sender,
    read_event,
)
from events.models import EventType

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
VISITOR = UUID("00000000-0000-4000-8000-000000000001")
CLOCK = Clock(NOW)
SHOP = Sender(is_trusted=True)
BROWSER = Sender(visitor_id=VISITOR)
SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schemas/event-line.schema.json").read_text())


def line(**fields):
    base = {
        "event_id": "e-1",
        "type": "view",
        "product_id": "p-1",
        "customer_id": "c-1",
        "occurred_at": "2026-05-01T10:00:00Z",
    }
    return {name: value for name, value in (base | fields).items() if value is not ...}


def refused(raw, sender=SHOP):
    flaw = read_event(raw, sender, CLOCK)
    assert isinstance(flaw, Flaw), flaw
    return flaw.code, flaw.pointer


def test_every_field_is_read():
    raw = line(
        type="purchase", sku="s", visitor_id=str(VISITOR), session_id="s-1", order_id="o-1",
        quantity=3, unit_price="2.55", currency="GBP", request_id="r-1", query="lamp",
        occurred_at="2026-05-01T12:00:00+02:00",
    )  # fmt: skip
    assert read_event(raw, SHOP, CLOCK) == EventLine(
        "e-1", "purchase", datetime(2026, 5, 1, 10, tzinfo=UTC), "p-1", "s", VISITOR, "c-1",
        "s-1", "o-1", 3, Decimal("2.55"), "GBP", "r-1", "lamp",
    )  # fmt: skip


def test_types_are_those_of_the_log():
    assert set(EventType.values) == TYPES


def test_null_and_empty_text_count_as_absent():
    read = read_event(line(session_id="", quantity=None), SHOP, CLOCK)
    assert (read.session_id, read.quantity) == (None, None)


def test_a_number_is_read_as_its_shortest_decimal():
    assert read_event(line(unit_price=19.99), SHOP, CLOCK).unit_price == Decimal("19.99")
    assert read_event(line(unit_price=20), SHOP, CLOCK).unit_price == Decimal(20)


def test_a_search_needs_no_product():
    assert isinstance(
        read_event(line(type="search", product_id=..., query="x"), SHOP, CLOCK), EventLine
    )


def test_a_sku_names_the_product():
    assert isinstance(read_event(line(product_id=..., sku="s"), SHOP, CLOCK), EventLine)


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"event_id": ...}, "required", "/event_id"),
        ({"event_id": ""}, "required", "/event_id"),
        ({"event_id": 7}, "not_text", "/event_id"),
        ({"event_id": "x" * 129}, "too_long", "/event_id"),
        ({"event_id": "a\x00b"}, "control_character", "/event_id"),
        ({"event_id": "a\ud800b"}, "control_character", "/event_id"),
        ({"type": ...}, "required", "/type"),
        ({"type": "gaze"}, "unknown_type", "/type"),
        ({"type": ["view"]}, "unknown_type", "/type"),
        ({"product_id": ...}, "required", "/product_id"),
        ({"occurred_at": ...}, "required", "/occurred_at"),
        ({"occurred_at": "yesterday"}, "invalid_time", "/occurred_at"),
        ({"occurred_at": 1777629600}, "invalid_time", "/occurred_at"),
        ({"occurred_at": "2026-02-30T10:00:00Z"}, "invalid_time", "/occurred_at"),
        ({"occurred_at": "2026-05-01T10:00:00"}, "time_without_zone", "/occurred_at"),
        ({"occurred_at": "2026-05-01"}, "time_without_zone", "/occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-23:59"}, "in_future", "/occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+23:59"}, "too_old", "/occurred_at"),
        ({"quantity": 0}, "invalid_quantity", "/quantity"),
        ({"quantity": -1}, "invalid_quantity", "/quantity"),
        ({"quantity": 1.5}, "invalid_quantity", "/quantity"),
        ({"quantity": True}, "invalid_quantity", "/quantity"),
        ({"quantity": 10**30}, "invalid_quantity", "/quantity"),
        ({"quantity": "3"}, "invalid_quantity", "/quantity"),
        ({"unit_price": "-1"}, "invalid_price", "/unit_price"),
        ({"unit_price": "1.23456"}, "invalid_price", "/unit_price"),
        ({"unit_price": "1e3"}, "invalid_price", "/unit_price"),
        ({"unit_price": "١"}, "invalid_price", "/unit_price"),
        ({"unit_price": float("nan")}, "invalid_price", "/unit_price"),
        ({"unit_price": False}, "invalid_price", "/unit_price"),
        ({"currency": "eur"}, "invalid_currency", "/currency"),
        ({"visitor_id": "me"}, "invalid_visitor_id", "/visitor_id"),
        ({"query": "a\x00"}, "control_character", "/query"),
        ({"query": "x" * 1001}, "too_long", "/query"),
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"a/b~c": 1}, "unknown_field", "/a~1b~0c"),
        ({"customer_id": ...}, "shopper_required", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(fields, code, pointer):
    assert refused(line(**fields)) == (code, pointer)


@pytest.mark.parametrize("raw", [None, 1, "x", [], [{}]])
def test_what_is_no_object(raw):
    assert refused(raw) == ("not_an_object", "")


def test_a_clock_may_run_ahead_by_a_zone_but_not_more():
    ahead = (NOW + FUTURE_TOLERANCE).isoformat()
    beyond = (NOW + FUTURE_TOLERANCE + timedelta(seconds=1)).isoformat()
    assert isinstance(read_event(line(occurred_at=ahead), SHOP, CLOCK), EventLine)
    assert refused(line(occurred_at=beyond)) == ("in_future", "/occurred_at")


def test_a_browser_sends_for_its_own_visitor():
    read = read_event(line(customer_id=...), BROWSER, CLOCK)
    assert (read.visitor_id, read.customer_id) == (VISITOR, None)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, "/customer_id"),
        ({"customer_id": ..., "visitor_id": str(VISITOR)}, "/visitor_id"),
        ({"customer_id": ..., "type": "purchase"}, "/type"),
        ({"customer_id": ..., "type": "return"}, "/type"),
    ],
)
def test_a_browser_names_nobody_and_buys_nothing(fields, pointer):
    assert refused(line(**fields), BROWSER) == ("secret_key_required", pointer)


def test_who_an_event_names_wins_over_the_tokens():
    sender = Sender(is_trusted=True, visitor_id=VISITOR, customer_id="c-2")
    read = read_event(line(), sender, CLOCK)
    assert (read.visitor_id, read.customer_id) == (None, "c-1")


FIELDS = [*EventLine._fields, "consent"]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(categories=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(raw=json_values, sender=st.sampled_from([SHOP, BROWSER, Sender()]))
def test_anything_is_read_or_refused(raw, sender):
    assert isinstance(read_event(raw, sender, CLOCK), EventLine | Flaw)


@given(field=st.sampled_from(FIELDS), value=json_values)
def test_any_value_of_a_field_is_read_or_refused_there(field, value):
    read = read_event(line(**{field: value}), SHOP, CLOCK)
    if isinstance(read, Flaw):
        # Without a shopper at all, the flaw is the event's.
        assert read.pointer in {f"/{field}", ""}


@given(field=st.sampled_from(FIELDS), value=json_values)
def test_what_the_schema_refuses_is_refused(field, value):
    raw = line(**{field: value})
    checker = jsonschema.FormatChecker(["uuid"])
    if not jsonschema.Draft202012Validator(SCHEMA, format_checker=checker).is_valid(raw):
        assert isinstance(read_event(raw, SHOP, CLOCK), Flaw)


def test_the_schema_accepts_what_is_accepted():
    for raw in (line(), line(type="search", product_id=...), line(unit_price=""), line(query=None)):
        jsonschema.validate(raw, SCHEMA)
        assert isinstance(read_event(raw, SHOP, CLOCK), EventLine)
