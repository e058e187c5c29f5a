"""How many shoppers a second one worker refreshes, reading and writing the database included."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

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
    started = time.perf_counter()
    refreshed = refresh_due_shoppers()
    seconds = time.perf_counter() - started
    assert refreshed == customers, "everybody was due"
    return {"shoppers": refreshed, "per_second": round(refreshed / seconds)}


def _due() -> int:
    from customers.models import Customer  # noqa: PLC0415 - Django must be set up
    from events.models import RefreshRequest  # noqa: PLC0415

    ids = Customer.objects.values_list("pk", flat=True)
    return len(RefreshRequest.objects.bulk_create([RefreshRequest(customer_id=pk) for pk in ids]))


def _record() -> None:
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
