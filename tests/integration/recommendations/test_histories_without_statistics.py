"""Some shoppers' histories are found by their index, whatever statistics the log has."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection, transaction
from django.utils import timezone

from customers.models import Customer
from customers.selectors import Shopper
from events.selectors import purchases_of, session_views, shopper_history
from events.services import ensure_partitions
from recommendations.algorithms.interactions import ConfidenceSettings
from recommendations.services.rows import read_histories
from tests.factories.catalogue import make_product
from tests.factories.events import make_visitor

SHOPPERS, EVENTS_EACH, ASKED = 2_000, 10, 100
YEAR_2000 = datetime(2000, 1, 1, tzinfo=UTC)

# Many at once, as an import or a busy hour writes them.
_BURST = """
INSERT INTO events_event (event_id, type, customer_id, visitor_id, product_id, occurred_at)
SELECT 'burst-' || coalesce(id, 0) || '-' || n,
  CASE WHEN n %% 5 = 0 THEN 'purchase' ELSE 'view' END,
  id, CASE WHEN id IS NULL THEN %(visitor)s::uuid END, %(product)s, now() - n * interval '1 hour'
FROM unnest(%(customers)s::bigint[]) AS id, generate_series(1, %(each)s) AS n
"""
# What an autovacuum may have found before, when nothing was there, is no part of these tests.
_FORGET = """
WITH log AS (SELECT oid FROM pg_class WHERE relname LIKE 'events_event%' AND relkind IN ('r', 'p')),
sizes AS (UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid IN (SELECT oid FROM log))
DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM log)
"""
_ANALYSE = "ANALYZE events_event"
_READ = """
SELECT coalesce(sum(seq_tup_read), 0)::int, coalesce(sum(idx_tup_fetch), 0)::int
FROM pg_stat_xact_user_tables WHERE relname LIKE 'events_event%'
"""
_LOOKED_INTO = """
SELECT relname FROM pg_stat_xact_user_tables
WHERE relname LIKE 'events_event%' AND seq_scan + idx_scan > 0
"""


@pytest.fixture(params=["never analysed", "analysed while empty", "emptied", "analysed full"])
def burst(request, db):
    """Shoppers who have all done something just now, of which statistics may know nothing.

    Of a log that was analysed when its pages held nothing, as after an import that was undone,
    PostgreSQL believes that it will remain so, however many pages are added.
    """
    people = [Customer(public_id=f"burst-{n}") for n in range(SHOPPERS)]
    ids = [one.pk for one in Customer.objects.bulk_create(people)]
    visitor, product, now = make_visitor(), make_product("p"), timezone.now()
    ensure_partitions((now - timedelta(days=400)).date(), now.date())
    parameters = {
        "visitor": visitor.pk, "product": product.pk, "customers": [*ids, None],
        "each": EVENTS_EACH,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
        if request.param == "emptied":
            with transaction.atomic():
                cursor.execute(_BURST, parameters)
                transaction.set_rollback(True)
        if request.param in ("analysed while empty", "emptied"):
            cursor.execute(_ANALYSE)
        cursor.execute(_BURST, parameters)
        if request.param == "analysed full":
            cursor.execute(_ANALYSE)
    return [*ids[:ASKED], visitor.pk], product


def rows_read():
    """Rows of the log that were read from its tables and by its indexes, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        return np.array(cursor.fetchone())


def read(shoppers, product, since):
    """The histories of `shoppers` since then, as the refreshes of their lists read them."""
    return read_histories(shoppers, np.array([product.pk]), ConfidenceSettings(), since, 0.0)


def test_histories(burst):
    shoppers, product = burst
    before = rows_read()
    found = read(shoppers, product, YEAR_2000)
    scanned, fetched = rows_read() - before
    assert found.user_items.nnz == len(shoppers)
    assert (scanned, fetched) == (0, len(shoppers) * EVENTS_EACH)


def test_histories_of_some_hours(burst):
    """What is older is not fetched, though it is the same shopper's and of the same month."""
    shoppers, product = burst
    before = rows_read()
    read(shoppers, product, timezone.now() - timedelta(hours=2, minutes=30))
    scanned, fetched = rows_read() - before
    assert (scanned, fetched) == (0, len(shoppers) * 2)


def test_what_was_bought(burst):
    shoppers, product = burst
    before = rows_read()
    assert sorted(purchases_of(shoppers), key=str) == sorted(
        [(shopper, product.pk) for shopper in shoppers], key=str
    )
    scanned, fetched = rows_read() - before
    assert (scanned, fetched) == (0, len(shoppers) * EVENTS_EACH // 5)


def test_one_shopper(burst):
    (customer, *_, visitor), product = burst
    for shopper in (Shopper(customer_id=customer), Shopper(visitor_id=visitor)):
        before = rows_read()
        history = shopper_history(shopper, since=timezone.now() - timedelta(hours=5, minutes=30))
        scanned, fetched = rows_read() - before
        assert {one.product_id for one in history} == {product.pk}
        assert (scanned, fetched) == (0, 5)


def test_a_session(burst):
    (*_, visitor), product = burst
    before = rows_read()
    assert session_views(Shopper(visitor_id=visitor)) == [product.pk]
    scanned, fetched = rows_read() - before
    assert (scanned, fetched) == (0, EVENTS_EACH - EVENTS_EACH // 5)


def test_months_before_are_not_looked_into(burst):
    shoppers, product = burst
    since = timezone.now() - timedelta(days=40)
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED_INTO)
        before = set(cursor.fetchall())
        read(shoppers, product, since)
        cursor.execute(_LOOKED_INTO)
        looked = {name for (name,) in set(cursor.fetchall()) - before if "20" in name}
    assert all(name >= f"events_event_{since:%Y%m}" for name in looked)
