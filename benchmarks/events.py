"""How fast events are stored over HTTP: one at a time, and in batches of 100 from two senders.

    python benchmarks/events.py http://127.0.0.1:8000 --key sk_… [--seconds 10] [--batch 100]

Views of the shop's own products by 2,000 visitors, UUIDv4 event ids, so that each makes somebody's
recommendations due. The key needs the scope events:write. What is stored stays: use a shop of no
account. Twenty requests go ahead unmeasured.
"""

import argparse
import random
import statistics
import threading
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

VISITORS = 2000
SENDERS = 2


def read_products(client: httpx.Client) -> list[str]:
    """Ids of the shop's first products."""
    page = client.get("/v1/products", params={"limit": 100}).raise_for_status().json()
    return [product["id"] for product in page["results"]]


def make_event(products: list[str]) -> dict[str, Any]:
    """A view that was not sent before."""
    return {
        "event_id": str(uuid4()),
        "type": "view",
        "product_id": random.choice(products),
        "visitor_id": str(UUID(int=random.randrange(VISITORS))),
        "session_id": "benchmark",
        "occurred_at": datetime.now(UTC).isoformat(),
    }


def send(client: httpx.Client, events: list[dict[str, Any]]) -> float:
    """Milliseconds until the batch was stored, all of it."""
    started = time.perf_counter()
    answer = client.post("/v1/events", json={"events": events}).raise_for_status().json()
    taken = time.perf_counter() - started
    if answer["stored"] != len(events):
        raise SystemExit(f"not all was stored: {answer['outcomes'][:3]}")
    return 1000 * taken


def measure_singles(client: httpx.Client, products: list[str], seconds: float) -> list[float]:
    """Milliseconds of each single event, one connection, one request at a time."""
    for _ in range(20):
        send(client, [make_event(products)])
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        times.append(send(client, [make_event(products)]))
    return times


def measure_batches(
    options: argparse.Namespace, products: list[str], headers: dict[str, str]
) -> float:
    """Events per second that `SENDERS` connections get stored."""
    counts = [0] * SENDERS
    started = time.perf_counter()

    def run(sender: int) -> None:
        with httpx.Client(base_url=options.url, headers=headers, timeout=30) as client:
            while time.perf_counter() < started + options.seconds:
                send(client, [make_event(products) for _ in range(options.batch)])
                counts[sender] += options.batch

    threads = [threading.Thread(target=run, args=(sender,)) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def main() -> None:
    """Measure the server at the given URL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--key", required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args()
    headers = {"Authorization": f"Bearer {options.key}"}
    with httpx.Client(base_url=options.url, headers=headers, timeout=30) as client:
        products = read_products(client)
        times = measure_singles(client, products, options.seconds)
    cuts = statistics.quantiles(times, n=100)
    print(f"single     p50 {cuts[49]:6.1f} ms   p95 {cuts[94]:6.1f} ms   n={len(times)}")
    rate = measure_batches(options, products, headers)
    print(f"batches of {options.batch}: {rate:,.0f} events/s from {SENDERS} connections")


if __name__ == "__main__":
    main()
