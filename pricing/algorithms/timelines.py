"""A price's timeline as coordinates: steps of the price, list price, and signals below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT, BAND = 960, 240, 70
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 12, 28
ROWS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """A value from a moment to another."""

    begins: datetime
    ends: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of an axis, and where it stands."""

    position: float
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """One drawing: SVG paths by name, and its ticks upwards."""

    caption: str
    height: int
    paths: tuple[tuple[str, str], ...]
    rows: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bands over one axis of time."""

    width: int
    bands: tuple[Band, ...]
    columns: tuple[Tick, ...]


def draw_timeline(
    begin: datetime,
    end: datetime,
    steps: dict[str, Sequence[Step]],
    signals: dict[str, Sequence[tuple[datetime, float]]],
) -> Timeline:
    """`steps` in one band, each of `signals` in a band of its own, from `begin` to `end`."""
    axis = _Axis(begin, end)
    top = max((step.value for row in steps.values() for step in row), default=1.0)
    prices = tuple((name, _staircase(row, axis, top, HEIGHT)) for name, row in steps.items() if row)
    bands = [Band("Price", HEIGHT, prices, _rows(top, HEIGHT))]
    for name, points in signals.items():
        most = max((value for _, value in points), default=0.0) or 1.0
        line = ((name, _line(points, axis, most)),) if points else ()
        bands.append(Band(name, BAND, line, _rows(most, BAND, 1)))
    return Timeline(WIDTH, tuple(bands), axis.ticks())


class _Axis:
    def __init__(self, begin: datetime, end: datetime) -> None:
        self.begin = begin
        self.span = max((end - begin).total_seconds(), 1.0)
        self.end = end

    def x(self, moment: datetime) -> float:
        share = (moment - self.begin).total_seconds() / self.span
        return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def ticks(self) -> tuple[Tick, ...]:
        form = "%d %b" if self.span > 3 * 86_400 else "%d %b %H:%M"
        moments = [self.begin + (self.end - self.begin) * part / 6 for part in range(7)]
        return tuple(Tick(self.x(moment), f"{moment:{form}}") for moment in moments)


def _y(value: float, top: float, height: int) -> float:
    return round(TOP + (1 - value / (top * 1.05 or 1.0)) * (height - TOP - BOTTOM), 1)


def _staircase(steps: Sequence[Step], axis: _Axis, top: float, height: int) -> str:
    """Flat while a value holds, straight up or down where the next joins, a gap where none does."""
    parts: list[str] = []
    last: datetime | None = None
    for step in steps:
        y = _y(step.value, top, height)
        parts.append(f"{'L' if last == step.begins else 'M'}{axis.x(step.begins)} {y}")
        parts.append(f"L{axis.x(step.ends)} {y}")
        last = step.ends
    return "".join(parts)


def _line(points: Sequence[tuple[datetime, float]], axis: _Axis, top: float) -> str:
    pairs = [f"{axis.x(moment)} {_y(value, top, BAND)}" for moment, value in points]
    return "M" + "L".join(pairs)


def _rows(top: float, height: int, count: int = ROWS) -> tuple[Tick, ...]:
    values = [top * part / count for part in range(count + 1)]
    return tuple(Tick(_y(value, top, height), f"{value:.4g}") for value in values)
