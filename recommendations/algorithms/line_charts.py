"""Lines over runs as coordinates, for a template to draw."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 12, 28
# Okabe and Ito (2008): told apart by those who do not see all colours, too.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
GRID_LINES = 4
MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Point:
    """A value at its place, in the units of the drawing."""

    x: float
    y: float
    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """The points of one name; `path` joins those that follow each other without a gap."""

    name: str
    colour: str
    path: str
    points: tuple[Point, ...]
    values: tuple[float | None, ...]

    @property
    def last(self) -> float | None:
        """The newest value that is known."""
        return next((value for value in reversed(self.values) if value is not None), None)


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of an axis, and where it stands."""

    position: float
    label: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over labelled places, from zero to a round number above the greatest value."""

    lines: tuple[Line, ...]
    labels: tuple[str, ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - BOTTOM


def draw_lines(values: Mapping[str, Sequence[float | None]], labels: Sequence[str]) -> LineChart:
    """The chart of `values`, by name one for each of `labels`; None where nothing is known."""
    known = [value for row in values.values() for value in row if value is not None]
    top = ceiling(max(known, default=0.0))
    places = len(labels)
    lines = [
        _line(name, colour, row, labels, top)
        for (name, row), colour in zip(values.items(), COLOURS, strict=False)
    ]
    every = -(-places // MOST_LABELS) or 1
    return LineChart(
        tuple(lines),
        tuple(labels),
        tuple(
            Tick(_height(top * step / GRID_LINES, top), f"{top * step / GRID_LINES:.3g}")
            for step in range(GRID_LINES + 1)
        ),
        tuple(Tick(_across(n, places), label) for n, label in enumerate(labels) if n % every == 0),
    )


def ceiling(value: float) -> float:
    """The least of 1, 2, 4, 6, 8 times a power of ten that is no less than `value`."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10, 20) if step * power >= value)


def _line(
    name: str, colour: str, row: Sequence[float | None], labels: Sequence[str], top: float
) -> Line:
    points, path, joined = [], [], False
    for place, value in enumerate(row):
        if value is not None:
            point = Point(_across(place, len(row)), _height(value, top), labels[place], value)
            points.append(point)
            path.append(f"{'L' if joined else 'M'}{point.x} {point.y}")
        joined = value is not None
    return Line(name, colour, " ".join(path), tuple(points), tuple(row))


def _across(place: int, places: int) -> float:
    return round(LEFT + (place + 0.5) * (WIDTH - LEFT - RIGHT) / max(places, 1), 2)


def _height(value: float, top: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 2)
