"""Everybody's interactions as arrays."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from events.models import EventType
from events.selectors import TYPE_CODES, training, training_interactions
from tests.factories.catalogue import make_product
from tests.factories.events import make_customer, make_link, make_visitor, record_event

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 3, 1, tzinfo=UTC)


def rows(**options):
    """What was read, as a set of (product, shopper's id, type, seconds since START, quantity)."""
    read = training_interactions(START, END, **options)
    ids = [*read.customer_ids.tolist(), *read.visitor_ids]
    names = {code: name for name, code in TYPE_CODES.items()}
    return {
        (product, ids[row], names[kind], moment - START.timestamp(), quantity)
        for product, row, kind, moment, quantity in zip(
            read.product_ids.tolist(),
            read.shoppers,
            read.types,
            read.occurred_at.tolist(),
            read.quantities.tolist(),
            strict=True,
        )
    }


def at(seconds):
    return {"occurred_at": (START + timedelta(seconds=seconds)).isoformat()}


def test_an_empty_window():
    read = training_interactions(START, END)
    assert len(read) == 0
    assert (len(read.shoppers), len(read.customer_ids), read.visitor_ids) == (0, 0, [])


def test_the_columns_types():
    record_event(product=make_product(), customer=make_customer(), **at(0))
    read = training_interactions(START, END)
    assert [column.dtype for column in (
        read.product_ids, read.shoppers, read.types, read.occurred_at, read.quantities,
    )] == [np.int64, np.int64, np.int8, np.float64, np.int32]  # fmt: skip


def test_what_is_read():
    lamp, chair = make_product(), make_product()
    customer, linked, alone = make_customer(), make_visitor(), make_visitor()
    make_link(linked, customer)
    record_event("purchase", product=lamp, customer=customer, quantity=3, **at(0))
    record_event("view", product=chair, visitor=linked, **at(1.5))
    record_event("not_interested", product=chair, visitor=alone, **at(40 * 86400))
    record_event("view", product=chair, customer=customer, **at(-1))
    record_event("view", product=chair, customer=customer, occurred_at=END.isoformat())
    record_event("impression", product=chair, customer=customer, **at(0))
    record_event("search", customer=customer, **at(0))
    assert rows() == {
        (lamp.pk, customer.pk, "purchase", 0.0, 3),
        (chair.pk, customer.pk, "view", 1.5, 1),
        (chair.pk, alone.pk, "not_interested", 40 * 86400.0, 1),
    }
    assert rows(types=["impression"]) == {(chair.pk, customer.pk, "impression", 0.0, 1)}


def test_blocks_are_joined(monkeypatch):
    monkeypatch.setattr(training, "_BLOCK_BYTES", 100)
    product, customer = make_product(), make_customer()
    for number in range(20):
        record_event(product=product, customer=customer, **at(number))
    assert {row[3] for row in rows()} == set(map(float, range(20)))


def test_every_type_has_its_code():
    assert list(TYPE_CODES) == EventType.values


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.uuids(), max_size=30))
def test_uuids_are_numbered_as_they_sort(ids):
    values = np.frombuffer(b"".join(one.bytes for one in ids), "V16")
    distinct, numbers = training._unique_uuids(values)
    assert distinct == sorted(set(ids))
    assert [distinct[number] for number in numbers] == ids
    assert all(isinstance(one, UUID) for one in distinct)
