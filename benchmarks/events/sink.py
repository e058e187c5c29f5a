"""The sink against PostgreSQL's own best: the same rows, by COPY, into the same table.

Rounds of both take turns, so that whatever else the machine does befalls both. The rows of a round
are views by known visitors; COPY gets them with their internal ids, ready to be written, and
neither validates, nor de-duplicates, nor looks anything up. The sink does: from decoded JSON to
committed, keys and all, at the chunk of `import_events`.
"""

import statistics
import time
from typing import Any

from benchmarks.events.rows import make_events

ROUNDS = 7
ROWS = 5_000

_COPY = """
COPY events_event (
  type, visitor_id, product_id, session_id, request_id, event_id, occurred_at, received_at
) FROM STDIN
"""


def measure_sink() -> dict[str, float]:
    """Medians of events per second of sink and COPY, and the median ratio of the rounds."""
    from events.algorithms.lines import Sender  # noqa: PLC0415 - Django must be set up
    from events.services import count_outcomes, record_events  # noqa: PLC0415

    rates: dict[str, list[float]] = {"sink": [], "copy": []}
    shop = Sender(is_trusted=True)
    numbers = _product_numbers()
    for _ in range(ROUNDS + 1):
        events, copied = make_events(ROWS), make_events(ROWS)
        lines = _copy_lines(copied, numbers)
        started = time.perf_counter()
        _copy(lines)
        rates["copy"].append(ROWS / (time.perf_counter() - started))
        started = time.perf_counter()
        outcomes = record_events(events, shop, refreshing=())
        rates["sink"].append(ROWS / (time.perf_counter() - started))
        if count_outcomes(outcomes)["stored"] != ROWS:
            raise SystemExit("not all was stored")
    pairs = list(zip(rates["sink"], rates["copy"], strict=True))[1:]  # the first warms up
    return {
        "sink_per_second": statistics.median(sink for sink, _ in pairs),
        "copy_per_second": statistics.median(copy for _, copy in pairs),
        "ratio": statistics.median(sink / copy for sink, copy in pairs),
        "rows": ROWS,
    }


def _product_numbers() -> dict[str, int]:
    from catalogue.models import Product  # noqa: PLC0415

    return dict(Product.objects.values_list("public_id", "pk"))


def _copy_lines(events: list[dict[str, Any]], numbers: dict[str, int]) -> bytes:
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
