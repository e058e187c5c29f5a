"""Some shoppers' histories are found by index also where the log has no statistics yet."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from customers.models import Customer
from events.selectors import purchases_of
from events.services import ensure_partitions
from recommendations.algorithms.interactions import ConfidenceSettings
from recommendations.services.rows import read_histories
from tests.factories.catalogue import make_product
from tests.factories.events import make_visitor

SHOPPERS, EVENTS_EACH, ASKED = 2_000, 10, 100

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
_READ = """
SELECT coalesce(sum(seq_tup_read), 0)::int, coalesce(sum(idx_tup_fetch), 0)::int
FROM pg_stat_xact_user_tables WHERE relname LIKE 'events_event%'
"""


@pytest.fixture
def burst(db):
    """Shoppers who have all done something just now, which no statistics tell of yet."""
    people = [Customer(public_id=f"burst-{n}") for n in range(SHOPPERS)]
    ids = [one.pk for one in Customer.objects.bulk_create(people)]
    visitor, product, now = make_visitor(), make_product("p"), timezone.now()
    ensure_partitions((now - timedelta(days=1)).date(), now.date())
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
        cursor.execute(
            _BURST,
            {"visitor": visitor.pk, "product": product.pk, "customers": [*ids, None],
             "each": EVENTS_EACH},
        )  # fmt: skip
    return [*ids[:ASKED], visitor.pk], product


def rows_read():
    """Rows of the log that were read from its tables and by its indexes, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        return np.array(cursor.fetchone())


def test_histories(burst):
    shoppers, product = burst
    before = rows_read()
    found = read_histories(
        shoppers,
        np.array([product.pk]),
        ConfidenceSettings(),
        datetime(2000, 1, 1, tzinfo=UTC),
        0.0,
    )
    scanned, fetched = rows_read() - before
    assert found.user_items.nnz == len(shoppers)
    assert (scanned, fetched) == (0, len(shoppers) * EVENTS_EACH)


def test_what_was_bought(burst):
    shoppers, product = burst
    before = rows_read()
    assert sorted(purchases_of(shoppers), key=str) == sorted(
        [(shopper, product.pk) for shopper in shoppers], key=str
    )
    scanned, fetched = rows_read() - before
    assert (scanned, fetched) == (0, len(shoppers) * EVENTS_EACH // 5)
