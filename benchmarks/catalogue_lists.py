"""How long an import, and lists of products with each filter and ordering, take in the server.

    python -m benchmarks.catalogue_lists [--products 50000]

Made-up products of 1 to 3 variants in a database that is thrown away; each list is asked for five
times over Django's test client, and the median counts.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import django

from api.embedded import throwaway

LISTS = (
    "",
    "ordering=newness",
    "ordering=title&title_prefix=product 1",
    "ordering=price",
    "ordering=-price&in_stock=true",
    "ordering=price&category=Shelf 77",
    "ordering=price&category=all",
    "price_min=10&price_max=20",
    "price_min=10&price_max=20&ordering=price",
    "category=all",
    "brand=brand 7",
    "attribute=colour:red",
)


def make_lines(count: int) -> Iterator[tuple[int, bytes]]:
    """Lines of an import: prices from 1 to 200, a tenth in another currency, a third sold out."""
    for number in range(1, count + 1):
        currency = random.choice(["USD"] * 9 + ["GBP"])
        line = {
            "id": str(number),
            "title": f"Product {number}",
            "description": "word " * 60,
            "brand": f"Brand {number % 300}",
            "category_path": ["All", f"Department {number % 20}", f"Shelf {number % 400}"],
            "popularity": random.choice([0, 0, random.randint(1, 9999)]),
            "attributes": {"colour": random.choice(["red", "green", "blue"])},
            "variants": [
                {
                    "sku": f"{number}-{index}",
                    "list_price": f"{random.randint(100, 20_000) / 100:.2f}",
                    "currency": currency,
                    "stock": random.choice([None, 0, 5]),
                }
                for index in range(random.choice([1, 1, 2, 3]))
            ],
        }
        yield number, json.dumps(line).encode()


def measure(path: str) -> float:
    """Median milliseconds of five requests."""
    from django.test import Client  # noqa: PLC0415 - settings come first

    times = []
    for _ in range(5):
        started = time.perf_counter()
        answer = Client().get(path)
        times.append(1000 * (time.perf_counter() - started))
        assert answer.status_code == 200, answer.content
    return statistics.median(times)


def run(count: int) -> None:
    """Import and ask."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - the same
    from django.core.management import call_command  # noqa: PLC0415

    from catalogue.services import import_products  # noqa: PLC0415

    settings.ALLOWED_HOSTS, settings.ANONYMOUS_READS = ["testserver"], True
    call_command("migrate", verbosity=0)
    for what in ("new", "unchanged"):
        random.seed(1)
        started = time.perf_counter()
        import_products(make_lines(count))
        print(f"import, all {what:<45} {time.perf_counter() - started:7.1f} s")
    for path in (*(f"/v1/products?{query}" for query in LISTS), "/v1/categories", "/v1/brands"):
        print(f"{path:<57} {measure(path):7.1f} ms")


def main() -> None:
    """Measure in a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=50_000)
    options = parser.parse_args()
    with throwaway() as services:
        os.environ |= {
            "STOREFRONT_ENV": "test",
            "STOREFRONT_HOME": str(services.home),
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.cache_url,
            "CELERY_BROKER_URL": services.broker_url,
            "DJANGO_SETTINGS_MODULE": "api.settings",
            "LOG_LEVEL": "WARNING",
        }
        (Path(services.home) / "static").mkdir(exist_ok=True)
        run(options.products)


if __name__ == "__main__":
    main()
