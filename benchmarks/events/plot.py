"""Draw what `growth` measured: `python -m benchmarks.events.plot FILE.json.. > FILE.svg`.

One panel tells what storing an event takes, one what reading windows takes, by the log's rows.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

PANEL, HEIGHT, LEFT, TOP, FOOT = 430, 250, 48, 34, 36
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
STORING = {"server_us": "the sink", "reference_us": "COPY into an empty table"}
READING = {
    "views_of_a_day_ms": "views of a day",
    "products_by_hour_ms": "products by hour, 6 hours",
    "sales_ms": "purchases of two days, carts of one",
    "shopper_ms": "a shopper's two days",
}


class Line(NamedTuple):
    """One measure over millions of rows."""

    name: str
    points: list[tuple[float, float]]


def main() -> None:
    """Draw the files that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    runs = [json.loads(path.read_text()) for path in parser.parse_args().files]
    sys.stdout.write("\n".join(draw(runs)) + "\n")


def draw(runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The drawing's lines."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * PANEL} {HEIGHT + 90}"'
        ' font-family="sans-serif" font-size="11" role="img">'
    )
    yield "<title>A growing log: what an event costs to store, and windows to read</title>"
    yield f'<rect width="{2 * PANEL}" height="{HEIGHT + 90}" fill="white"/>'
    yield from _panel(0, "microseconds of the server's processor, by event", _lines(runs, STORING))
    yield from _panel(
        PANEL, "milliseconds of the server's processor, by read", _lines(runs[:1], READING)
    )
    yield "</svg>"


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


def _panel(left: int, title: str, lines: Sequence[Line]) -> Iterator[str]:
    most_x = max(x for line in lines for x, _ in line.points)
    most_y = 1.15 * max(y for line in lines for _, y in line.points)
    width, height = PANEL - LEFT - 16, HEIGHT - TOP - FOOT

    def place(x: float, y: float) -> str:
        return (
            f"{left + LEFT + width * x / most_x:.1f},{TOP + height * (1 - y / most_y):.1f}"
        )  # fmt: skip

    yield f'<text x="{left + LEFT}" y="18" font-size="12" font-weight="bold">{title}</text>'
    for part in range(5):
        value = most_y * part / 4
        x, y = place(0, value).split(",")
        yield f'<line x1="{x}" x2="{left + LEFT + width}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{left + LEFT - 5}" y="{y}" dy="4" text-anchor="end">{value:.3g}</text>'
    for millions in sorted({x for line in lines for x, _ in line.points if x >= most_x / 12}):
        x, y = place(millions, 0).split(",")
        yield f'<text x="{x}" y="{y}" dy="15" text-anchor="middle">{millions:.3g}M</text>'
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(place(x, y) for x, y in line.points)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for point in points.split():
            x, y = point.split(",")
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
        across, down = left + LEFT + number % 2 * 195, HEIGHT + 14 + 18 * (number // 2)
        yield f'<rect x="{across}" y="{down - 9}" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{across + 15}" y="{down}" font-size="10">{line.name}</text>'


if __name__ == "__main__":
    main()
