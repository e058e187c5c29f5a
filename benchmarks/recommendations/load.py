"""Lay a shop's log for the benchmark: customers, products and a purchase for each pair."""

from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from benchmarks.recommendations.shape import Pairs

DAYS = 28
_STAGE = "CREATE TEMP TABLE stage (customer int, product int, place int)"
_EVENTS = """
INSERT INTO events_event (event_id, type, customer_id, product_id, occurred_at, received_at)
SELECT 'e' || place, 'purchase', stage.customer + %(first_customer)s, stage.product +
  %(first_product)s, %(start)s + (place::bigint * 7919 %% %(seconds)s) * interval '1 second', now()
FROM stage
"""
_INDEXES = """
SELECT indexrelid::regclass::text FROM pg_index
WHERE indrelid = 'events_event'::regclass AND NOT indisprimary
"""
_ROW = np.dtype([
    ("fields", ">i2"), ("a", ">i4"), ("customer", ">i4"), ("b", ">i4"), ("product", ">i4"),
    ("c", ">i4"), ("place", ">i4"),
])  # fmt: skip
CHUNK = 2_000_000


def lay_log(pairs: Pairs) -> None:
    """Fill the database; the log's indexes are dropped, for training reads it whole."""
    from events.services import ensure_partitions  # noqa: PLC0415 - Django must be set up

    end = datetime.now(UTC)
    start = end - timedelta(days=DAYS)
    ensure_partitions(start.date(), end.date())
    firsts = _people_and_products(*pairs.shape)
    with connection.cursor() as cursor:
        # No triggers: what else a shop counts by event is not what is measured here.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_INDEXES)
        for (index,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX IF EXISTS {index} CASCADE")
        cursor.execute(_STAGE)
        for begin in range(0, len(pairs.users), CHUNK):
            rows = _rows(pairs, begin)
            with cursor.copy("COPY stage FROM STDIN (FORMAT binary)") as copy:
                copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8) + rows.tobytes() + b"\xff\xff")
        cursor.execute(_EVENTS, firsts | {"start": start, "seconds": DAYS * 86_400})
        cursor.execute("DROP TABLE stage")
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE events_event, customers_customer, catalogue_product")


def _people_and_products(users: int, products: int) -> dict[str, int]:
    """Create them, and tell the keys of the first ones; the others' follow."""
    from catalogue.models import Product  # noqa: PLC0415 - Django must be set up
    from customers.models import Customer  # noqa: PLC0415

    people = Customer.objects.bulk_create(
        [Customer(public_id=f"customer-{n}") for n in range(users)], batch_size=5_000
    )
    goods = Product.objects.bulk_create(
        [Product(public_id=f"product-{n}", title=f"Product {n}") for n in range(products)],
        batch_size=5_000,
    )
    assert people[-1].pk - people[0].pk == users - 1, "keys in a row were expected"
    assert goods[-1].pk - goods[0].pk == products - 1, "keys in a row were expected"
    return {"first_customer": people[0].pk, "first_product": goods[0].pk}


def _rows(pairs: Pairs, begin: int) -> NDArray[np.void]:
    """Rows of COPY's binary form: customer, product and place of the pairs from `begin` on."""
    own = slice(begin, begin + CHUNK)
    rows = np.zeros(len(pairs.users[own]), dtype=_ROW)
    rows["fields"], rows["a"], rows["b"], rows["c"] = 3, 4, 4, 4
    rows["customer"], rows["product"] = pairs.users[own], pairs.products[own]
    rows["place"] = np.arange(begin, begin + len(rows))
    return rows
