"""Counts of products in windows, with what one shopper can add to them bounded."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from events.selectors import (
    Window,
    product_activity,
    shopper_activity,
    windowed_counts,
)
from events.services import ensure_partitions
from tests.factories.catalogue import make_product
from tests.factories.events import (
    make_customer,
    make_link,
    make_visitor,
    record_event,
)
from tests.factories.plans import months_read

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(hours):
    return {"occurred_at": (START + hours * HOUR).isoformat()}


def test_each_window_counts_its_own_type_and_time():
    lamp, chair, customer = make_product(), make_product(), make_customer()
    for hours in (0, 23, 24):
        record_event(product=lamp, customer=customer, **at(hours))
    record_event("purchase", product=chair, customer=customer, quantity=3, **at(30))
    record_event("search", customer=customer, **at(1))
    counts = windowed_counts(
        [
            Window("view", START, START + DAY),
            Window("view", START + DAY, START + 2 * DAY),
            Window("purchase", START, START + 2 * DAY),
        ]
    )
    assert counts.product_ids.tolist() == [lamp.pk, chair.pk]
    assert counts.events.tolist() == [[2, 1, 0], [0, 0, 1]]
    assert counts.units.tolist() == [[2, 1, 0], [0, 0, 3]]
    assert counts.shoppers.tolist() == [[1, 1, 0], [0, 0, 1]]


def test_nothing_happened():
    counts = windowed_counts([Window("view", START, START + DAY)] * 2)
    assert len(counts) == 0
    assert counts.events.shape == (0, 2)


def test_one_shopper_adds_no_more_than_the_cap_however_many_devices_it_uses():
    lamp, customer, passer_by = make_product(), make_customer(), make_visitor()
    for device in (make_visitor(customer), make_visitor(customer)):
        for hours in range(3):
            record_event(product=lamp, visitor=device, **at(hours))
    record_event(product=lamp, visitor=passer_by, **at(5))
    capped, free = [windowed_counts([Window("view", START, START + DAY, cap)]) for cap in (2, None)]
    assert (capped.events.tolist(), capped.shoppers.tolist()) == ([[3]], [[2]])
    assert (free.events.tolist(), free.shoppers.tolist()) == ([[7]], [[2]])


def test_units_are_capped_as_events_are():
    record_event(
        "purchase", product=make_product(), customer=make_customer(), quantity=900, **at(0)
    )
    counts = windowed_counts([Window("purchase", START, START + DAY, 5)])
    assert (counts.events.tolist(), counts.units.tolist()) == ([[1]], [[5]])


def test_only_the_products_that_are_asked_for():
    lamp, chair, customer = make_product(), make_product(), make_customer()
    for product in (lamp, chair):
        record_event(product=product, customer=customer, **at(0))
    windows = [Window("view", START, START + DAY)]
    assert windowed_counts(windows, products=[chair.pk]).product_ids.tolist() == [chair.pk]
    assert len(windowed_counts(windows, products=[])) == 0


@pytest.mark.parametrize(
    "window",
    [
        Window("view", START, START),
        Window("view", START.replace(tzinfo=None), START + DAY),
    ],
)
def test_a_window_that_is_none(window):
    with pytest.raises(ValueError, match="window"):
        windowed_counts([window])


def test_no_window_at_all():
    with pytest.raises(ValueError, match="at least one"):
        windowed_counts([])


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 47)), min_size=1, max_size=25
    ),
    st.integers(1, 4),
)
def test_it_is_what_counting_by_hand_gives(happened, cap):
    products = [make_product() for _ in range(3)]
    shoppers = [make_customer(), make_customer(), make_visitor(), make_visitor()]
    make_link(shoppers[3], shoppers[0])
    seen = [defaultdict(Counter), defaultdict(Counter)]
    for product, shopper, hours in happened:
        who = {"customer": shoppers[shopper]} if shopper < 2 else {"visitor": shoppers[shopper]}
        record_event(product=products[product], **who, **at(hours))
        seen[hours // 24][products[product].pk][shopper % 3] += 1
    counts = windowed_counts(
        [Window("view", START + day * DAY, START + (day + 1) * DAY, cap) for day in range(2)],
        products=[product.pk for product in products],
    )
    assert counts.product_ids.tolist() == sorted({*seen[0], *seen[1]})
    for row, product in enumerate(counts.product_ids.tolist()):
        by_hand = [[min(n, cap) for n in seen[day][product].values()] for day in range(2)]
        assert counts.events[row].tolist() == [sum(one) for one in by_hand]
        assert counts.shoppers[row].tolist() == [len(one) for one in by_hand]


def test_products_by_hour_and_day():
    lamp, customer, visitor = make_product(), make_customer(), make_visitor()
    sold = {"product": lamp, "unit_price": "2.50", "type": "purchase"}
    record_event(customer=customer, quantity=2, **sold, **at(0.5))
    record_event(visitor=visitor, **sold, **at(0.9))
    record_event(visitor=visitor, currency="XTS", **sold, **at(3))
    record_event(product=lamp, visitor=visitor, **at(3))
    hours = product_activity(START, START + DAY, by="hour", types=["purchase"])
    assert hours == [
        (lamp.pk, START, "purchase", 2, 2, 3, Decimal("7.5")),
        (lamp.pk, START + 3 * HOUR, "purchase", 1, 1, 1, 0),
    ]
    assert product_activity(START, START + DAY) == [
        (lamp.pk, START, "purchase", 3, 2, 4, Decimal("7.5")),
        (lamp.pk, START, "view", 1, 1, 1, 0),
    ]
    assert product_activity(START, START + DAY, products=[]) == []


def test_shoppers_by_day():
    lamp, chair, customer = make_product(), make_product(), make_customer()
    device, passer_by = make_visitor(customer), make_visitor()
    record_event(product=lamp, customer=customer, **at(0))
    record_event(product=chair, visitor=device, **at(1))
    record_event(product=chair, visitor=device, **at(25))
    record_event("purchase", product=lamp, visitor=passer_by, unit_price="3", quantity=2, **at(2))
    read = shopper_activity(START, START + 2 * DAY)
    assert read == [
        (customer.pk, START, "view", 2, 2, 2, 0),
        (customer.pk, START + DAY, "view", 1, 1, 1, 0),
        (passer_by.pk, START, "purchase", 1, 1, 2, 6),
    ]
    window = (START, START + 2 * DAY)
    assert shopper_activity(*window, shoppers=[customer.pk]) == read[:2]
    assert shopper_activity(*window, shoppers=[passer_by.pk]) == read[2:]
    assert shopper_activity(*window, shoppers=[]) == []


def test_a_shopper_is_read_by_name_as_among_all():
    customer, stranger = make_customer(), make_customer()
    shared = make_visitor(customer)
    record_event(product=make_product(), customer=stranger, visitor=shared, **at(0))
    window = (START, START + DAY)
    assert [row.shopper for row in shopper_activity(*window)] == [stranger.pk]
    assert shopper_activity(*window, shoppers=[customer.pk]) == []


END = START + 3 * DAY  # from January into February
PRUNED = {
    "windowed counts": lambda: windowed_counts([
        Window("view", START, END, 3), Window("purchase", START, END),
    ]),
    "products by hour": lambda: product_activity(START, END, by="hour"),
    "shoppers by day": lambda: shopper_activity(START, END),
    "some shoppers by day": lambda: shopper_activity(START, END, shoppers=[1, uuid4()]),
}  # fmt: skip


@pytest.mark.parametrize("read", PRUNED.values(), ids=PRUNED)
def test_a_window_reads_its_own_months_alone(read):
    ensure_partitions(START - 60 * DAY, START + 60 * DAY)
    assert months_read(read) == ["202601", "202602"]
