"""Draw what `growth` measured: `python -m benchmarks.events.plot FILE.json.. > FILE.svg`.

One panel tells what storing an event takes, one what reading windows takes, by the log's rows.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.plots import Line, Panel, draw

STORING = {"server_us": "the sink", "reference_us": "COPY into an empty table"}
READING = {
    "views_of_a_day_ms": "views of a day",
    "products_by_hour_ms": "products by hour, 6 hours",
    "sales_ms": "purchases of two days, carts of one",
    "shopper_ms": "a shopper's two days",
}


def main() -> None:
    """Draw the files that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    runs = [json.loads(path.read_text()) for path in parser.parse_args().files]
    title = "A growing log: what an event costs to store, and windows to read"
    sys.stdout.write("\n".join(draw(title, list(_panels(runs)))) + "\n")


def _panels(runs: Sequence[dict[str, Any]]) -> Iterator[Panel]:
    yield _panel("microseconds of the server's processor, by event", _lines(runs, STORING))
    yield _panel("milliseconds of the server's processor, by read", _lines(runs[:1], READING))


def _panel(title: str, lines: list[Line]) -> Panel:
    sizes = {x for line in lines for x, _ in line.points}
    ticks = {x: f"{x:.3g}M" for x in sorted(sizes) if x >= max(sizes) / 12}
    return Panel(title, lines, ticks)


def _lines(runs: Sequence[dict[str, Any]], names: dict[str, str]) -> list[Line]:
    ids = {"v7": "UUIDv7 ids", "v4": "random ids"}
    return [
        Line(
            f"{said}, {ids[run['ids']]}" if len(runs) > 1 else said,
            [(stage["rows"] / 1e6, stage[name]) for stage in run["stages"]],
        )
        for run in runs
        for name, said in names.items()
    ]


if __name__ == "__main__":
    main()
