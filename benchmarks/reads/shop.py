"""A throw-away shop whose customers have tastes, with a live run."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

PRODUCTS = 1_000
CUSTOMERS = 400
TAKEN = 25
GROUPS = 10
WORDS = ["soft", "warm", "light", "strong", "quick", "small", "large", "bright", "calm", "smooth"]


def fill_shop() -> None:
    """Products, customers, what they did, and a training on it."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up
    from django.utils import timezone  # noqa: PLC0415

    from catalogue.services import import_products  # noqa: PLC0415
    from events.algorithms.lines import Sender  # noqa: PLC0415
    from events.services import record_events  # noqa: PLC0415
    from recommendations.services.training import Window, train  # noqa: PLC0415

    dice = random.Random(1)
    lines = [json.dumps(_product(number, dice)).encode() for number in range(PRODUCTS)]
    import_products(list(enumerate(lines, start=1)))
    for customer in range(CUSTOMERS):
        record_events(_events(customer, dice), Sender(is_trusted=True), refreshing=())
    train(Window.ending(timezone.now(), 90))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _product(number: int, dice: random.Random) -> dict[str, Any]:
    words = [dice.choice(WORDS) for _ in range(40)]
    return {
        "id": f"product-{number}", "title": f"Product {number} {words[0]}",
        "description": " ".join(words), "brand": f"Brand {number % 20}",
        "category_path": ["Shop", f"Group {number % GROUPS}"],
        "image_url": f"https://images.example/{number}.jpg",
        "variants": [
            {"sku": f"{number}-{size}", "list_price": f"{dice.randint(5, 200)}.99",
             "currency": "USD", "attributes": {"size": size}, "stock": 10}
            for size in ("S", "M", "L")
        ],
    }  # fmt: skip


def _events(customer: int, dice: random.Random) -> list[dict[str, Any]]:
    events = []
    for step in range(TAKEN):
        group = customer % GROUPS if dice.random() < 0.85 else dice.randrange(GROUPS)
        rank = min(int(dice.paretovariate(1.0)), PRODUCTS // GROUPS - 1)
        moment = datetime.now(UTC) - timedelta(days=dice.uniform(0.1, 80))
        kind = dice.choice(["view", "view", "add_to_cart", "purchase"])
        events.append({
            "event_id": f"e-{customer}-{step}", "type": kind, "customer_id": f"customer-{customer}",
            "product_id": f"product-{rank * GROUPS + group}", "occurred_at": moment.isoformat(),
        })  # fmt: skip
    return events
