"""Does it stay flat? Ingestion and windowed reads, measured again and again while the log grows.

The log of `DAYS` days, each as busy as the last, comes in order: so a window of the same length
holds as many events at the end as at the beginning.
"""

import argparse
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.events.rows import make_events

CHUNK = 5_000
STEPS = 10
READS = 20
DAYS = 90

# A window of a kind that models and prices read: a day of each product, a shopper's last events.
_WINDOWS = {
    "day_of_products_ms": """
      SELECT product_id, count(*) FROM events_event
      WHERE occurred_at >= %(end)s - interval '1 day' AND occurred_at < %(end)s
        AND product_id IS NOT NULL
      GROUP BY product_id
    """,
    "shopper_ms": """
      SELECT product_id FROM events_event
      WHERE visitor_id = '00000000-0000-0000-0000-000000000007' AND type = 'view'
        AND occurred_at >= %(end)s - interval '30 days' AND occurred_at < %(end)s
      ORDER BY occurred_at DESC LIMIT 100
    """,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how far the log grows."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="events of `growth`")
    parser.add_argument(
        "--ids",
        choices=["v7", "v4"],
        default="v7",
        help="event ids of `growth`: by time, or random",
    )


def measure_growth(rows: int, *, ordered: bool) -> dict[str, Any]:
    """Events per second and the reads' medians after each tenth of `rows`."""
    first = datetime.now(UTC) - timedelta(days=DAYS)
    pace = timedelta(days=DAYS) / (rows // CHUNK)
    steps = []
    for number in range(STEPS):
        start = first + number * pace * (rows // STEPS // CHUNK)
        steps.append(_grow(rows // STEPS, start, pace, ordered=ordered))
    rates = [step["events_per_second"] for step in steps]
    return {
        "steps": steps,
        "first_tenth_per_second": rates[0],
        "last_tenth_per_second": rates[-1],
        "last_to_first": rates[-1] / rates[0],
    }


def _grow(rows: int, start: datetime, pace: timedelta, *, ordered: bool) -> dict[str, float]:
    from events.algorithms.lines import Sender  # noqa: PLC0415 - Django must be set up
    from events.services import record_events  # noqa: PLC0415

    chunks = []
    for number in range(rows // CHUNK):
        events = make_events(CHUNK, ordered=ordered, at=start + number * pace)
        started = time.perf_counter()
        record_events(events, Sender(is_trusted=True), refreshing=())
        chunks.append(time.perf_counter() - started)
    return {
        "events_per_second": CHUNK / statistics.median(chunks),
        **_read(start + rows // CHUNK * pace),
    }


def _read(end: datetime) -> dict[str, float]:
    from django.db import connection  # noqa: PLC0415

    medians = {}
    with connection.cursor() as cursor:
        for name, statement in _WINDOWS.items():
            times = []
            for _ in range(READS):
                started = time.perf_counter()
                cursor.execute(statement, {"end": end})
                cursor.fetchall()
                times.append(1000 * (time.perf_counter() - started))
            medians[name] = statistics.median(times)
    return medians
