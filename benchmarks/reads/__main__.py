"""Measure reads on a throw-away shop: `python -m benchmarks.reads [--seconds 5]`.

A customer's own recommendations, 20 products, warm: median milliseconds of single requests, and
requests for each second of processor time of the server process. Ours stands beside FastAPI with
asyncpg, which does the same work on the same services, and beside the same peer that also keeps
products as rendered, as ours does. All run under granian, one worker each, and take turns. The
answers must be the same, to the byte but for the request's id.
"""

import argparse
import contextlib
import itertools
import json
import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.events.shop import WEB_THREADS, open_services
from benchmarks.reads.load import Connection, keep_busy, time_singles
from benchmarks.reads.servers import Server, serve_asgi, serve_ours
from benchmarks.reads.shop import CUSTOMERS, fill_shop

COLUMNS = (
    "run", "version", "ids", "scores", "reasons", "computed_at", "bought", "disliked", "in_cart",
)  # fmt: skip
WARM = 400
# Whether a peer keeps products as rendered.
PEERS = {"fastapi": "0", "fastapi_keeping": "1"}
ACROSS = "_across"
ORIGIN = "Origin: https://shop.example\r\n"


def main() -> None:
    """Fill a shop, start both servers, measure them in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[WEB_THREADS])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with open_services():
        fill_shop()
        from partners.services import create_api_key  # noqa: PLC0415 - Django must be set up

        key = create_api_key("benchmark", "secret")
        with contextlib.ExitStack() as stack:
            servers = {name: stack.enter_context(_peer(keeps)) for name, keeps in PEERS.items()}
            for threads in options.threads:
                ours = stack.enter_context(serve_ours(threads))
                servers |= {f"ours_{threads}": ours, f"ours_{threads}{ACROSS}": ours}
            figures = _measure(key, servers, options)
    print(json.dumps(figures, indent=2), f"load {os.getloadavg()[0]:.1f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _measure(key: str, servers: dict[str, Server], options: argparse.Namespace) -> dict[str, Any]:
    customers = [f"customer-{number}" for number in range(CUSTOMERS // 2)]
    requests = {
        name: [_request(key, customer, ORIGIN if name.endswith(ACROSS) else "")
               for customer in customers]
        for name in servers
    }  # fmt: skip
    _compare({name: port for name, (port, _) in servers.items()}, requests)
    rates: dict[str, list[float]] = {name: [] for name in servers}
    figures: dict[str, Any] = {}
    for name, (port, pid) in servers.items():
        keep_busy(port, requests[name], options.seconds, pid)
        figures[f"{name}_p50_ms"] = round(time_singles(port, requests[name], WARM), 3)
    for _ in range(options.rounds):
        for name, (port, pid) in servers.items():
            rates[name].append(keep_busy(port, requests[name], options.seconds, pid).per_core)
    figures |= {f"{name}_per_core": round(statistics.median(rates[name])) for name in rates}
    for name, peer in itertools.product(servers.keys() - PEERS, PEERS):
        ratios = [ours / theirs for ours, theirs in zip(rates[name], rates[peer], strict=True)]
        figures[f"{name}_to_{peer}"] = round(statistics.median(ratios), 3)
        figures[f"{name}_to_{peer}_range"] = [round(min(ratios), 3), round(max(ratios), 3)]
    return figures


def _request(key: str, customer: str, headers: str) -> bytes:
    return (
        f"GET /v1/recommendations/home?customer_id={customer}&limit=20 HTTP/1.1\r\n"
        f"Host: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Accept: application/json\r\n{headers}\r\n"
    ).encode()


def _compare(ports: dict[str, int], requests: dict[str, list[bytes]]) -> None:
    shown = {}
    for name, port in ports.items():
        status, body = Connection(port).ask(requests[name][0])
        assert status == 200, (name, status, body[:300])
        shown[name] = body.replace(json.loads(body)["request_id"].encode(), b"")
    assert len(set(shown.values())) == 1, shown


@contextlib.contextmanager
def _peer(keeps: str) -> Iterator[Server]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(_plan(), file)
        file.flush()
        settings = {"PEER_FILE": file.name, "PEER_KEEPS": keeps}
        with serve_asgi("benchmarks.peers.fastapi_app:app", **settings) as server:
            yield server


def _plan() -> dict[str, Any]:
    from django.conf import settings  # noqa: PLC0415 - as in main

    from api.rest.throttling import TAKE  # noqa: PLC0415
    from catalogue.selectors.cards import CARDS  # noqa: PLC0415
    from recommendations.selectors.needs import Named, what_is_needed  # noqa: PLC0415
    from recommendations.selectors.specs import read_placements  # noqa: PLC0415
    from recommendations.selectors.statements import compile_statement  # noqa: PLC0415

    needs = what_is_needed([read_placements()["home"]], Named(customer_id="x"))
    return {
        "dsn": os.environ["DATABASE_URL"], "redis": os.environ["REDIS_URL"],
        "situation": _numbered(compile_statement(needs)),
        "cards": _numbered(CARDS), "throttle": TAKE, "columns": COLUMNS,
        "rate": settings.API_RATE_KEY,
        "parameters": {"visitor": None, "enough": 30, "stopped": False},
    }  # fmt: skip


def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    from api.prepared import number_parameters  # noqa: PLC0415 - as in main

    statement, names = number_parameters(sql)
    return statement.decode(), names


if __name__ == "__main__":
    main()
