"""Events over HTTP: one at a time on one connection, and in batches from several senders.

The server runs beside its PostgreSQL on the same machine, and so do the senders, each a process
of its own; what they take of the processors is part of the figure.
"""

import argparse
import json
import multiprocessing
import statistics
import time
from collections.abc import Sequence
from typing import Any

import httpx

from benchmarks.events.rows import make_events
from benchmarks.events.shop import Shop, black_hole, web_server

WARM_UP = 30
SENDERS = 2


def send(client: httpx.Client, body: bytes) -> float:
    """Milliseconds until the batch was stored, all of it."""
    started = time.perf_counter()
    answer = client.post("/v1/events", content=body).raise_for_status()
    taken = time.perf_counter() - started
    outcome = answer.json()
    if outcome["duplicate"] or outcome["rejected"]:
        raise SystemExit(f"not all was stored: {outcome['outcomes'][:3]}")
    return 1000 * taken


def measure_singles(shop: Shop, seconds: float) -> dict[str, float]:
    """Percentiles in milliseconds of events sent one by one, each after the last was answered."""
    with _client(shop.url, shop.key) as client:
        bodies = _bodies(1, WARM_UP + int(seconds * 1000))
        for body in bodies[:WARM_UP]:
            send(client, body)
        times, end = [], time.perf_counter() + seconds
        for body in bodies[WARM_UP:]:
            times.append(send(client, body))
            if time.perf_counter() > end:
                break
    return _percentiles(times)


def measure_black_hole(shop: Shop, seconds: float) -> dict[str, float]:
    """Percentiles of single events beside those of a server whose broker never answers.

    Both take turns of a second, so that whatever else the machine does befalls both.
    """
    times: dict[str, list[float]] = {"normal": [], "black_hole": []}
    with black_hole() as broker, web_server(CELERY_BROKER_URL=broker) as url:
        clients = {"normal": _client(shop.url, shop.key), "black_hole": _client(url, shop.key)}
        for client in clients.values():
            _send_for(client, 1)  # warms up
        for _ in range(int(seconds)):
            for name, client in clients.items():
                times[name] += _send_for(client, 1)
    figures = {
        f"{name}_{cut}": value
        for name, taken in times.items()
        for cut, value in _percentiles(taken).items()
    }
    return figures | {"p99_ratio": figures["black_hole_p99_ms"] / figures["normal_p99_ms"]}


def _send_for(client: httpx.Client, seconds: float) -> list[float]:
    """Milliseconds of each of the single events that were sent one after the other."""
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        times.append(send(client, _bodies(1, 1)[0]))
    return times


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "requests": len(times)}


def measure_batches(shop: Shop, seconds: float, size: int) -> dict[str, float]:
    """Events per second that `SENDERS` connections get stored."""
    barrier = multiprocessing.Barrier(SENDERS)
    counts = multiprocessing.Array("q", SENDERS)
    arguments = [(shop.url, shop.key, size, seconds, barrier, counts, n) for n in range(SENDERS)]
    senders = [multiprocessing.Process(target=_keep_sending, args=one) for one in arguments]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return {"events_per_second": sum(counts[:]) / seconds, "batch": size, "senders": SENDERS}


def _keep_sending(  # noqa: PLR0913, PLR0917 - what a process of its own must be told
    url: str, key: str, size: int, seconds: float, barrier: Any, counts: Any, number: int
) -> None:
    bodies = _bodies(size, int(seconds * 40_000 / size))  # made before the clock runs
    with _client(url, key) as client:
        for body in bodies[:5]:
            send(client, body)
        barrier.wait(60)
        end = time.perf_counter() + seconds
        for body in bodies[5:]:
            send(client, body)
            if time.perf_counter() > end:
                return
            counts[number] += size


def _bodies(size: int, count: int) -> Sequence[bytes]:
    return [json.dumps({"events": make_events(size)}).encode() for _ in range(count)]


def _client(url: str, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return httpx.Client(base_url=url, headers=headers, timeout=30)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how long to measure and how large the batches are."""
    parser.add_argument("--seconds", type=float, default=10, help="of each HTTP measurement")
    parser.add_argument("--batch", type=int, default=100, help="events of each batch over HTTP")
