"""`GET /v1/prices` of 20 products beside FastAPI with asyncpg, which does the same work.

    python -m benchmarks.pricing.read_prices [--seconds 10]

Both run under granian, one worker each. One request at a time on one kept connection each, in
turns, so that whatever else the machine does befalls both; milliseconds as the client sees them.
The peer checks the key, runs the same statement and renders with the same functions; it throttles
nobody and sets no headers for caches and browsers, as ours does.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Sequence

from benchmarks.events.rows import PRODUCTS
from benchmarks.events.shop import open_services
from benchmarks.reads.load import Connection
from benchmarks.reads.servers import serve_asgi, serve_ours

PEER = "benchmarks.pricing.fastapi_peer:app"
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


def measure(ports: dict[str, int], key: str, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each, after both gave the same answer."""
    connections = {name: Connection(port) for name, port in ports.items()}
    times: dict[str, list[float]] = {name: [] for name in ports}
    answers = [json.loads(connection.ask(_request(key, range(SHOWN)))[1])["results"]
               for connection in connections.values()]  # fmt: skip
    if answers[0] != answers[1]:
        raise SystemExit("the two do not answer alike")
    for warm, until in ((True, 2.0), (False, seconds)):
        end = time.perf_counter() + until
        while time.perf_counter() < end:
            for name, connection in connections.items():
                taken = [_once(connection, key) for _ in range(TURN)]
                times[name].extend([] if warm else taken)
    return times


def _once(connection: Connection, key: str) -> float:
    request = _request(key, random.sample(range(PRODUCTS), SHOWN))
    started = time.perf_counter()
    status, body = connection.ask(request)
    assert status == 200, body
    return 1000 * (time.perf_counter() - started)


def _request(key: str, products: Sequence[int]) -> bytes:
    ids = ",".join(f"product-{number}" for number in products)
    return (
        f"GET /v1/prices?product_ids={ids} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {key}\r\nAccept: application/json\r\n\r\n"
    ).encode()


def main() -> None:
    """Measure both and print medians, 95th percentiles and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    with open_services():
        key = fill()
        with serve_ours() as ours, serve_asgi(PEER) as other:
            ports = {"this shop": ours.port, "FastAPI + asyncpg": other.port}
            times = measure(ports, key, seconds)
    for name, taken in times.items():
        cuts = statistics.quantiles(taken, n=20)
        print(f"{name:<20} p50 {cuts[9]:6.2f} ms   p95 {cuts[18]:6.2f} ms   {len(taken)} requests")
    ours_p50, other_p50 = (statistics.median(taken) for taken in times.values())
    print(f"ratio of medians     {ours_p50 / other_p50:.2f}   load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
