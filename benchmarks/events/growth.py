"""Does it stay flat? `python -m benchmarks.events.growth --rows 30000000 [--ids v4] [--json FILE]`.

A throw-away log of `DAYS` days grows by SQL, in the order of time and each day as busy as the last:
so a window of the same length holds as many events at the end as at the beginning. At each stage
the sink stores batches, and windows are read.

A long run has a machine that does other things too. So what is compared is the processor's time
that PostgreSQL takes, and beside it that of a fixed piece of work, COPY into an empty table with
the log's indexes, in turn with each batch; times by the clock are told as well.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.events.rows import PRODUCTS, VISITORS, make_events
from benchmarks.events.shop import fill_products, open_services
from benchmarks.events.sink import copy_lines, product_numbers

DAYS = 90
STAGES = (1, 2, 4, 8, 15, 30)  # thirtieths of --rows
BATCH = 5_000
BATCHES = 24
READS = 12
FILL_AT_ONCE = 200_000

# Types as a shop has them: mostly views, few purchases.
_FILL = f"""
WITH made AS (
  SELECT %(first)s + number * %(pace)s AS at, random() AS chance, random() AS luck,
    gen_random_uuid()::text AS name
  FROM generate_series(0, %(rows)s - 1) AS number
), named AS (
  SELECT *, CASE WHEN %(ordered)s
    THEN overlay(
      lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || substr(name, 14)
      PLACING '-7' FROM 13 FOR 1)
    ELSE name END AS id
  FROM made
), keyed AS (
  INSERT INTO events_eventkey (event_id, occurred_at) SELECT id, at FROM named
)
INSERT INTO events_event (
  type, visitor_id, product_id, session_id, request_id, event_id, occurred_at, received_at
)
SELECT CASE WHEN chance < 0.9 THEN 'view' WHEN chance < 0.97 THEN 'add_to_cart'
    ELSE 'purchase' END,
  lpad(to_hex(floor(luck * {VISITORS})::int), 32, '0')::uuid,
  1 + floor(random() * {PRODUCTS})::int, 'session-' || floor(luck * {VISITORS})::int,
  name, id, at, at
FROM named
"""
_REFERENCE = """
CREATE UNLOGGED TABLE reference (LIKE events_event INCLUDING DEFAULTS INCLUDING INDEXES)
"""


def main() -> None:
    """Grow the log, measure at each stage, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--ids", choices=["v7", "v4"], default="v7", help="event ids: by time, or random"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    with open_services():
        fill_products()
        stages = []
        for stage in _grow(options.rows, ordered=options.ids == "v7"):
            stages.append(stage)
            if options.json:  # a run that is ended early has told what it saw
                figures = {"ids": options.ids, "rows": options.rows, "stages": stages}
                options.json.write_text(json.dumps(figures, indent=1) + "\n")


def _grow(rows: int, *, ordered: bool) -> Iterator[dict[str, float]]:
    first, pace = datetime.now(UTC) - timedelta(days=DAYS), timedelta(days=DAYS) / rows
    backend = _Backend()
    backend.run(_REFERENCE)
    _make_months()
    filled = 0
    for part in STAGES:
        due = rows * part // STAGES[-1]
        while filled < due - BATCH * BATCHES:
            step = min(FILL_AT_ONCE, due - filled)
            backend.run(_FILL, first=first + filled * pace, pace=pace, rows=step, ordered=ordered)
            filled += step
        backend.run("ANALYZE")
        backend.run("CHECKPOINT")
        now = first + filled * pace
        stage = {"rows": float(filled), **_store(backend, now, ordered=ordered)}
        filled += BATCH * BATCHES
        stage |= _read(backend, now) | {"load": os.getloadavg()[0]}
        print("   ".join(f"{name} {value:,.4g}" for name, value in stage.items()), flush=True)
        yield stage


def _store(backend: "_Backend", at: datetime, *, ordered: bool) -> dict[str, float]:
    """Medians of a batch: microseconds an event, of the processor and by the clock."""
    from events.algorithms.lines import Sender  # noqa: PLC0415 - Django must be set up
    from events.services import record_events  # noqa: PLC0415

    shop, numbers = Sender(is_trusted=True), product_numbers()
    taken: list[tuple[float, float, float]] = []
    for _ in range(BATCHES):
        events = make_events(BATCH, ordered=ordered, at=at)
        lines = copy_lines(make_events(BATCH, at=at), numbers)
        reference, _ = backend.measure(partial(backend.copy, "reference", lines))
        backend.run("TRUNCATE reference")
        store = partial(record_events, events, shop, refreshing=())
        taken.append((*backend.measure(store), reference))
    server, clock, reference = (statistics.median(column) for column in zip(*taken, strict=True))
    scale = 1e6 / BATCH
    return {
        "server_us": server * scale,
        "clock_us": clock * scale,
        "reference_us": reference * scale,
        "server_to_reference": statistics.median(one[0] / one[2] for one in taken),
    }


def _read(backend: "_Backend", end: datetime) -> dict[str, float]:
    """Medians in milliseconds of the processor's time of windows that end at `end`."""
    from events.selectors import Window, product_activity, windowed_counts  # noqa: PLC0415

    day = timedelta(days=1)
    views = [Window("view", end - day, end, 3)]
    sales = [Window("purchase", end - 2 * day, end, 3), Window("add_to_cart", end - day, end, 3)]
    reads: dict[str, Callable[[], Any]] = {
        "views_of_a_day_ms": lambda: windowed_counts(views),
        "sales_ms": lambda: windowed_counts(sales),
        "products_by_hour_ms": lambda: product_activity(end - day / 4, end, by="hour"),
        "shopper_ms": lambda: backend.run(_SHOPPER, end=end),
    }
    return {
        name: 1000 * statistics.median(backend.measure(read)[0] for _ in range(READS))
        for name, read in reads.items()
    }


_SHOPPER = """
SELECT product_id FROM events_event
WHERE visitor_id = '00000000-0000-0000-0000-000000000007' AND type = 'view'
  AND occurred_at >= %(end)s - interval '2 days' AND occurred_at < %(end)s
ORDER BY occurred_at DESC LIMIT 100
"""


def _make_months() -> None:
    from events.services import ensure_partitions  # noqa: PLC0415 - Django must be set up

    today = datetime.now(UTC).date()
    ensure_partitions(today - timedelta(days=DAYS + 1), today + timedelta(days=1))


class _Backend:
    """This process's connection, and the processor's time of the server's process behind it."""

    def __init__(self) -> None:
        from django.db import connection  # noqa: PLC0415 - Django must be set up

        self._connection = connection
        connection.ensure_connection()
        self._times = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")

    def run(self, statement: str, **parameters: Any) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)

    def copy(self, table: str, lines: bytes) -> None:
        columns = "type, visitor_id, product_id, session_id, request_id, event_id, occurred_at"
        statement = f"COPY {table} ({columns}, received_at) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(lines)

    def measure(self, call: Callable[[], Any]) -> tuple[float, float]:
        """Seconds of the server's processor, and of the clock, that `call` takes."""
        before, started = self._seconds(), time.perf_counter()
        call()
        return self._seconds() - before, time.perf_counter() - started

    def _seconds(self) -> float:
        return int(self._times.read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
