"""`GET /v1/prices` of 20 products beside FastAPI with asyncpg, which does the same work.

    python -m benchmarks.pricing.read_prices [--seconds 10]

One request at a time on one kept connection each, in turns, so that whatever else the machine does
befalls both; milliseconds as the client sees them.
"""

import argparse
import os
import random
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from benchmarks.events.rows import PRODUCTS
from benchmarks.events.shop import open_services, running, web_server

SHOWN = 20
TURN = 20
_SELL = """
INSERT INTO catalogue_variant (product_id, sku, position, list_price, cost, currency, attributes)
SELECT id, public_id, 0, 10 + id % 90, 5, 'USD', '{}' FROM catalogue_product
"""
_OFFER = """
INSERT INTO catalogue_offer (variant_id, amount, currency, price_version)
SELECT id, list_price, currency, 1 FROM catalogue_variant
"""


def fill() -> str:
    """Products with prices; a publishable key."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    from benchmarks.events.shop import fill_products  # noqa: PLC0415 - the same
    from partners.services import create_api_key  # noqa: PLC0415 - the same

    fill_products()
    with connection.cursor() as cursor:
        for statement in (_SELL, _OFFER, "ANALYZE"):
            cursor.execute(statement)
    return create_api_key("benchmark", "publishable")


@contextmanager
def peer() -> Iterator[str]:
    """Where FastAPI answers until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (
        "uvicorn", "benchmarks.pricing.fastapi_peer:app", "--port", str(port), "--workers", "1",
        "--no-access-log",
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with running(*command):
        deadline = time.monotonic() + 60
        while not _answers(url) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield url


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/v1/prices").status_code > 0
    except httpx.TransportError:
        return False


def measure(urls: dict[str, str], key: str, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each, after both gave the same answer."""
    headers = {"Authorization": f"Bearer {key}"}
    clients = {name: httpx.Client(base_url=url, headers=headers) for name, url in urls.items()}
    times: dict[str, list[float]] = {name: [] for name in urls}
    ids = ",".join(f"product-{number}" for number in range(SHOWN))
    answers = [client.get("/v1/prices", params={"product_ids": ids}).json()["results"]
               for client in clients.values()]  # fmt: skip
    if answers[0] != answers[1]:
        raise SystemExit("the two do not answer alike")
    for warm, until in ((True, 2.0), (False, seconds)):
        end = time.perf_counter() + until
        while time.perf_counter() < end:
            for name, client in clients.items():
                taken = [_once(client) for _ in range(TURN)]
                times[name].extend([] if warm else taken)
    return times


def _once(client: httpx.Client) -> float:
    ids = ",".join(f"product-{n}" for n in random.sample(range(PRODUCTS), SHOWN))
    started = time.perf_counter()
    client.get("/v1/prices", params={"product_ids": ids}).raise_for_status()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Measure both and print medians, 95th percentiles and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    with open_services():
        key = fill()
        os.environ.setdefault("PYTHONPATH", "")
        with web_server() as ours, peer() as other:
            times = measure({"this shop": ours, "FastAPI + asyncpg": other}, key, seconds)
    for name, taken in times.items():
        cuts = statistics.quantiles(taken, n=20)
        print(f"{name:<20} p50 {cuts[9]:6.2f} ms   p95 {cuts[18]:6.2f} ms   {len(taken)} requests")
    ours_p50, other_p50 = (statistics.median(taken) for taken in times.values())
    print(f"ratio of medians     {ours_p50 / other_p50:.2f}")


if __name__ == "__main__":
    main()
