"""Fills an empty database with a small shop that has learned; run as a program of its own.

Prints the API keys as JSON.
"""
# ruff: noqa: PLC0415, T201 - Django has to be set up before its models are imported

import json
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import django

PRODUCTS = 30
CUSTOMERS = 12


def _product(number: int) -> dict[str, object]:
    kind = ("Mug", "Rake")[number % 2]
    return {
        "id": f"product-{number}",
        "title": f"{kind} {number}",
        "description": f"A fine {kind.lower()}.",
        "brand": ("Acme", "Bolt", "Corvo")[number % 3],
        "category_path": [("Kitchen", "Garden")[number % 2]],
        "popularity": number,
        "variants": [{"sku": f"sku-{number}", "list_price": "10.00", "currency": "USD"}],
    }


def _import_products() -> None:
    from django.core.management import call_command

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "products.jsonl"
        file.write_text("".join(f"{json.dumps(_product(n))}\n" for n in range(PRODUCTS)))
        call_command("import_products", str(file), stdout=sys.stderr)


def _record_purchases() -> None:
    from django.utils import timezone

    from events.algorithms.lines import Sender
    from events.services import record_events

    record_events(
        [
            {
                "event_id": f"past-{customer}-{step}",
                "type": "purchase",
                "customer_id": f"customer-{customer}",
                "product_id": f"product-{(customer * 6 + step * 2 + customer % 2) % PRODUCTS}",
                "order_id": f"order-{customer}",
                "occurred_at": (timezone.now() - timedelta(days=1 + step)).isoformat(),
            }
            for customer in range(CUSTOMERS)
            for step in range(6)
        ],
        Sender(is_trusted=True),
    )


def main() -> None:
    """Migrate, import, record, train, make keys."""
    django.setup()
    from django.core.management import call_command

    from partners.services import create_api_key
    from recommendations.services.refreshing import refresh_due_shoppers
    from recommendations.services.training import Window, train

    call_command("migrate", verbosity=0)
    _import_products()
    _record_purchases()
    train(Window.from_settings())
    refresh_due_shoppers()
    kinds = ("publishable", "secret")
    print(json.dumps({kind: create_api_key("faults", kind) for kind in kinds}))


if __name__ == "__main__":
    main()
