"""How many shoppers a second one worker refreshes, reading and writing the database included.

Beside the seconds of the clock, which others on the machine lengthen, those of the processor: the
worker's, and its PostgreSQL process's.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reads.load import TICKS

CUSTOMERS, PRODUCTS, EVENTS_EACH = 4_000, 2_000, 25


def measure_folding() -> dict[str, Any]:
    """Shoppers per second over all of a shop's customers, each of whom is due."""
    from events.models import RefreshRequest  # noqa: PLC0415 - Django must be set up
    from recommendations.services.refreshing import refresh_due_shoppers  # noqa: PLC0415
    from recommendations.services.training import Window, train  # noqa: PLC0415

    _record()
    train(Window.ending(None, None))
    RefreshRequest.objects.all().delete()
    refresh_due_shoppers()  # the model is loaded
    customers = _due()
    started, worked = time.perf_counter(), _processor_seconds()
    refreshed = refresh_due_shoppers()
    seconds = time.perf_counter() - started
    own, database = (now - then for now, then in zip(_processor_seconds(), worked, strict=True))
    assert refreshed == customers, "everybody was due"
    return {
        "shoppers": refreshed, "per_second": round(refreshed / seconds),
        "per_processor_second": round(refreshed / (own + database)),
        "worker_seconds": round(own, 2), "database_seconds": round(database, 2),
    }  # fmt: skip


def _processor_seconds() -> tuple[float, float]:
    """Of this process, and of the one that serves its connection."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    fields = Path(f"/proc/{backend}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return time.process_time(), (int(fields[11]) + int(fields[12])) / TICKS


def _due() -> int:
    from customers.models import Customer  # noqa: PLC0415 - Django must be set up
    from events.models import RefreshRequest  # noqa: PLC0415

    ids = Customer.objects.values_list("pk", flat=True)
    return len(RefreshRequest.objects.bulk_create([RefreshRequest(customer_id=pk) for pk in ids]))


def _record() -> None:
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    from catalogue.models import Product  # noqa: PLC0415 - Django must be set up
    from events.algorithms.lines import Sender  # noqa: PLC0415
    from events.services import record_events  # noqa: PLC0415

    Product.objects.bulk_create(
        [Product(public_id=f"p{n}", title=f"Product {n}") for n in range(PRODUCTS)]
    )
    generator, now = np.random.default_rng(7), datetime.now(UTC)
    for begin in range(0, CUSTOMERS, 100):
        events = []
        for customer in range(begin, begin + 100):
            first = customer % 20 * 100
            for step, product in enumerate(generator.integers(0, 150, EVENTS_EACH).tolist()):
                at = now - timedelta(hours=step + 1)
                events.append({
                    "event_id": f"{customer}-{step}",
                    "type": "purchase" if step % 5 == 0 else "view",
                    "customer_id": f"c{customer}",
                    "product_id": f"p{(first + product) % PRODUCTS}",
                    "order_id": f"o{customer}-{step}",
                    "occurred_at": at.isoformat(),
                })  # fmt: skip
        record_events(events, Sender(is_trusted=True), refreshing=())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within a minute of such a burst
