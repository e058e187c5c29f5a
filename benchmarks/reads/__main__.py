"""Measure reads on a throw-away shop: `python -m benchmarks.reads [--seconds 5]`.

A customer's own recommendations, 20 products, warm: median milliseconds of single requests, and
requests for each second of processor time of the server process, ours under granian beside FastAPI
with asyncpg under uvicorn, which does the same work on the same services. Rounds of both take
turns. The answers must be the same but for the request's id. A 304 is measured, too.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.events.shop import ROOT, open_services
from benchmarks.reads.load import Connection, keep_busy, time_singles
from benchmarks.reads.shop import CUSTOMERS, fill_shop

COLUMNS = (
    "run", "version", "ids", "scores", "reasons", "computed_at", "bought", "disliked", "in_cart",
)  # fmt: skip
WARM = 400


def main() -> None:
    """Fill a shop, start both servers, measure them in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with open_services():
        fill_shop()
        from partners.services import create_api_key  # noqa: PLC0415 - Django must be set up

        key = create_api_key("benchmark", "secret")
        with _ours() as ours, _peer() as peer:
            figures = _measure(key, {"ours": ours, "fastapi": peer}, options)
    print(json.dumps(figures, indent=2), f"load {os.getloadavg()[0]:.1f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _measure(
    key: str, servers: dict[str, tuple[int, int]], options: argparse.Namespace
) -> dict[str, Any]:
    requests = [_request(key, f"customer-{number}") for number in range(CUSTOMERS // 2)]
    _compare({name: port for name, (port, _) in servers.items()}, requests[0])
    rates: dict[str, list[float]] = {name: [] for name in servers}
    figures: dict[str, Any] = {}
    for name, (port, pid) in servers.items():
        keep_busy(port, requests, options.seconds, pid)
        figures[f"{name}_p50_ms"] = round(time_singles(port, requests, WARM), 3)
    for _ in range(options.rounds):
        for name, (port, pid) in servers.items():
            rates[name].append(keep_busy(port, requests, options.seconds, pid).per_core)
    figures |= {f"{name}_per_core": round(statistics.median(rates[name])) for name in rates}
    pairs = zip(rates["ours"], rates["fastapi"], strict=True)
    figures["ratio"] = round(statistics.median(ours / peer for ours, peer in pairs), 3)
    return figures


def _request(key: str, customer: str) -> bytes:
    return (
        f"GET /v1/recommendations/home?customer_id={customer}&limit=20 HTTP/1.1\r\n"
        f"Host: localhost\r\nAuthorization: Bearer {key}\r\nAccept: application/json\r\n\r\n"
    ).encode()


def _compare(ports: dict[str, int], request: bytes) -> None:
    shown = {}
    for name, port in ports.items():
        status, body = Connection(port).ask(request)
        assert status == 200, (name, status, body[:300])
        shown[name] = [one["product"]["id"] for one in json.loads(body)["results"]]
    assert len(set(map(tuple, shown.values()))) == 1, shown


@contextlib.contextmanager
def _ours() -> Iterator[tuple[int, int]]:
    port = _free_port()
    command = (
        "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
        "--workers", "1", "--blocking-threads", "4", "--log-level", "warning",
        "api.wsgi:application",
    )  # fmt: skip
    with _serving(port, command, os.environ) as pid:
        yield port, pid


@contextlib.contextmanager
def _peer() -> Iterator[tuple[int, int]]:
    port = _free_port()
    command = (
        "uvicorn", "benchmarks.peers.fastapi_app:app", "--port", str(port), "--no-access-log",
        "--log-level", "warning", "--loop", "uvloop", "--http", "httptools",
    )  # fmt: skip
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(_plan(), file)
        file.flush()
        with _serving(port, command, os.environ | {"PEER_FILE": file.name}) as pid:
            yield port, pid


def _plan() -> dict[str, Any]:
    from api.prepared import number_parameters  # noqa: PLC0415 - Django must be set up
    from api.rest.throttling import TAKE  # noqa: PLC0415
    from catalogue.selectors.cards import CARDS  # noqa: PLC0415
    from recommendations.selectors.situation import Named, compile_statement, what_is_needed  # noqa: PLC0415
    from recommendations.selectors.specs import read_placements  # noqa: PLC0415

    needs = what_is_needed([read_placements()["home"]], Named(customer_id="x"))
    return {
        "dsn": os.environ["DATABASE_URL"], "redis": os.environ["REDIS_URL"],
        "situation": number_parameters(compile_statement(needs)),
        "cards": number_parameters(CARDS), "throttle": TAKE, "columns": COLUMNS,
        "parameters": {"visitor": None, "enough": 30, "stopped": False},
    }  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _serving(port: int, command: tuple[str, ...], environment: Any) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env=dict(environment), start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(15)


if __name__ == "__main__":
    main()
