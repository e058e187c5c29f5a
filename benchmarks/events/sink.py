"""The sink against PostgreSQL's own best: the same rows, by COPY, into the same table.

Rounds take turns, so that whatever else the machine does befalls all. The rows of a round are views
by known visitors; COPY gets them with their internal ids, ready to be written, and neither
validates, nor de-duplicates, nor looks anything up. The sink does: from decoded JSON to committed,
keys and all, batch after batch. `import` does so from lines of JSON, as `import_events` does,
reading on while it stores. `floor` is what de-duplication costs by itself: COPY of the rows, and
their keys.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import orjson

from benchmarks.events.rows import make_events

_Batch = list[dict[str, Any]]
ROUNDS = 7
BATCH = 5_000
BATCHES = 4

_COPY = """
COPY events_event (
  type, visitor_id, product_id, session_id, request_id, event_id, occurred_at, received_at
) FROM STDIN
"""
_KEYS = """
INSERT INTO events_eventkey (event_id, occurred_at)
SELECT unnest(%s::text[]), now() ON CONFLICT DO NOTHING RETURNING event_id
"""


def measure_sink() -> dict[str, float]:
    """Medians of events per second, and the median ratio to COPY in the same round."""
    numbers = product_numbers()
    ways: dict[str, Callable[[list[_Batch]], float]] = {
        "copy": lambda batches: _copy_all(batches, numbers),
        "sink": _sink,
        "import": _import,
        "floor": lambda batches: _floor(batches, numbers),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS + 1):
        for name, way in ways.items():
            batches = [make_events(BATCH) for _ in range(BATCHES)]
            rates[name].append(BATCH * BATCHES / way(batches))
    figures = {f"{name}_per_second": statistics.median(taken[1:]) for name, taken in rates.items()}
    for name in ("sink", "import", "floor"):
        pairs = zip(rates[name][1:], rates["copy"][1:], strict=True)
        figures[f"{name}_ratio"] = statistics.median(one / copy for one, copy in pairs)
    return figures | {"rows": BATCH * BATCHES}


def _copy_all(batches: list[_Batch], numbers: dict[str, int]) -> float:
    lines = [copy_lines(batch, numbers) for batch in batches]

    def copy() -> None:
        for one in lines:
            _copy(one)

    return _time(copy)


def _sink(batches: list[_Batch]) -> float:
    from events.algorithms.lines import Sender  # noqa: PLC0415 - Django must be set up
    from events.services import count_outcomes, record_events  # noqa: PLC0415

    shop = Sender(is_trusted=True)
    outcomes: list[Any] = []

    def store() -> None:
        for one in batches:
            outcomes.extend(record_events(one, shop, refreshing=()))

    taken = _time(store)
    _check(count_outcomes(outcomes)["stored"])
    return taken


def _import(batches: list[_Batch]) -> float:
    from events.services import import_events  # noqa: PLC0415 - Django must be set up

    lines = list(enumerate((orjson.dumps(one) for batch in batches for one in batch), 1))
    reports: list[Any] = []
    taken = _time(lambda: reports.append(import_events(lines)))
    _check(reports[0].outcomes["stored"])
    return taken


def _floor(batches: list[_Batch], numbers: dict[str, int]) -> float:
    from django.db import connection, transaction  # noqa: PLC0415 - Django must be set up

    rows = [
        (sorted(one["event_id"] for one in batch), copy_lines(batch, numbers))
        for batch in batches
    ]  # fmt: skip

    def store() -> None:
        for keys, lines in rows:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_KEYS, [keys])
                _copy(lines)

    return _time(store)


def _time(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _check(stored: int) -> None:
    if stored != BATCH * BATCHES:
        raise SystemExit("not all was stored")


def product_numbers() -> dict[str, int]:
    """The internal ids of the products by their public ones."""
    from catalogue.models import Product  # noqa: PLC0415

    return dict(Product.objects.values_list("public_id", "pk"))


def copy_lines(events: list[dict[str, Any]], numbers: dict[str, int]) -> bytes:
    """`events` as COPY reads them."""
    rows = (
        (
            one["type"], one["visitor_id"], str(numbers[one["product_id"]]), one["session_id"],
            one["request_id"], one["event_id"], one["occurred_at"], one["occurred_at"],
        )
        for one in events
    )  # fmt: skip
    return "".join("\t".join(row) + "\n" for row in rows).encode()


def _copy(lines: bytes) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(lines)
