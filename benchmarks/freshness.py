"""How soon an add_to_cart is shown, under load: `python -m benchmarks.freshness [--seconds 30]`.

A throw-away shop with a web server and a worker of the `fast` queue. While other customers send a
few hundred events a second, in batches, one customer after the other puts a product into the cart
and asks until their own list was made anew. Milliseconds from before the event is sent; beside
them the events that were stored a second.
"""

import argparse
import itertools
import os
import statistics
import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from benchmarks.events.shop import open_services, running, web_server
from benchmarks.reads.shop import CUSTOMERS, PRODUCTS, fill_shop

WORKER = (
    "celery", "-A", "api.celery", "worker", "-Q", "fast", "-c", "1", "--loglevel", "WARNING",
    "--without-heartbeat", "--without-gossip", "--without-mingle",
)  # fmt: skip
BATCH = 25
PATIENCE = 30.0


def main() -> None:
    """Fill a shop, load it, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--events", type=float, default=300, help="a second, of others")
    options = parser.parse_args()
    with open_services():
        fill_shop()
        from partners.services import create_api_key  # noqa: PLC0415 - Django must be set up

        headers = {"Authorization": f"Bearer {create_api_key('benchmark', 'secret')}"}
        with web_server() as url, running(*WORKER):
            _until_shown(httpx.Client(base_url=url, headers=headers), "customer-0")
            times, stored = _measure(url, headers, options)
    cuts = statistics.quantiles(times, n=20)
    print(
        f"add_to_cart to shown: p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms, most"
        f" {max(times):.0f} ms, {len(times)} times; {stored / options.seconds:.0f} events/s of"
        f" others; load {os.getloadavg()[0]:.1f}"
    )


def _measure(
    url: str, headers: dict[str, str], options: argparse.Namespace
) -> tuple[list[float], int]:
    stop, stored = threading.Event(), [0]
    load = threading.Thread(target=_load, args=(url, headers, options.events, stop, stored))
    load.start()
    client, times = httpx.Client(base_url=url, headers=headers), []
    end = time.perf_counter() + options.seconds
    try:
        for number in itertools.count(1):
            if time.perf_counter() >= end:
                break
            times.append(_until_shown(client, f"customer-{number % (CUSTOMERS // 4)}"))
    finally:
        stop.set()
        load.join()
    return times, stored[0]


def _load(
    url: str, headers: dict[str, str], rate: float, stop: threading.Event, stored: list[int]
) -> None:
    """Views of three quarters of the customers, and one add_to_cart in ten events."""
    client, numbers = httpx.Client(base_url=url, headers=headers), itertools.count()
    due = time.perf_counter()
    while not stop.is_set():
        batch = [_event(number) for number in itertools.islice(numbers, BATCH)]
        answer = client.post("/v1/events", json={"events": batch})
        stored[0] += answer.json()["stored"]
        due += BATCH / rate
        stop.wait(max(0.0, due - time.perf_counter()))


def _event(number: int) -> dict[str, Any]:
    quarter = CUSTOMERS // 4
    return {
        "event_id": f"load-{number}", "type": "view" if number % 10 else "add_to_cart",
        "customer_id": f"customer-{quarter + number * 7 % (3 * quarter)}",
        "product_id": f"product-{number * 13 % PRODUCTS}",
        "occurred_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip


def _until_shown(client: httpx.Client, customer: str) -> float:
    """Milliseconds from an add_to_cart until the list that answers was made after it."""
    begun, moment = time.perf_counter(), datetime.now(UTC)
    deed = {
        "event_id": f"cart-{customer}-{begun}", "type": "add_to_cart", "customer_id": customer,
        "product_id": f"product-{int(begun * 1000) % PRODUCTS}", "occurred_at": moment.isoformat(),
    }  # fmt: skip
    client.post("/v1/events", json={"events": [deed]}).raise_for_status()
    asked = {"customer_id": customer, "limit": "5", "explain": "true"}
    while time.perf_counter() - begun < PATIENCE:
        body = client.get("/v1/recommendations/home", params=asked).raise_for_status().json()
        made = {one["explain"]["computed_at"] for one in body["results"]} - {None}
        if any(datetime.fromisoformat(one) > moment for one in made):
            return 1000 * (time.perf_counter() - begun)
        time.sleep(0.02)
    raise SystemExit(f"{customer}'s list was not made anew within {PATIENCE:g} s")


if __name__ == "__main__":
    main()
