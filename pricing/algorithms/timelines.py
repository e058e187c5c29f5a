"""A price's timeline as coordinates: price and list price, and signals below them, as steps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT, BAND = 960, 240, 70
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 12, 28
ROWS = 5


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
    prices: dict[str, Sequence[Step]],
    signals: dict[str, Sequence[Step]],
) -> Timeline:
    """`prices` in one band, each of `signals` in a band of its own, from `begin` to `end`."""
    axis = _Axis(begin, end)
    bands = [_band("Price", prices, axis, HEIGHT, ROWS)]
    bands += [_band(name, {name: steps}, axis, BAND, 1) for name, steps in signals.items()]
    return Timeline(WIDTH, tuple(bands), axis.ticks())


def _band(
    caption: str, lines: dict[str, Sequence[Step]], axis: "_Axis", height: int, rows: int
) -> Band:
    greatest = max((step.value for steps in lines.values() for step in steps), default=0.0)
    step = round_step(greatest, rows)
    values = [step * number for number in range(math.ceil(greatest / step - 1e-9) + 1)] or [0.0]
    paths = tuple(
        (name, _staircase(steps, axis, values[-1], height))
        for name, steps in lines.items()
        if steps
    )
    ticks = tuple(Tick(_y(value, values[-1], height), f"{value:,.10g}") for value in values)
    return Band(caption, height, paths, ticks)


def round_step(greatest: float, rows: int) -> float:
    """The least of 1, 2, 2.5, 5, 10 times a power of ten of which `rows` reach `greatest`."""
    if greatest <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(greatest / rows))
    return next(
        factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power * rows >= greatest - 1e-9
    )


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
    return round(TOP + (1 - value / (top or 1.0)) * (height - TOP - BOTTOM), 1)


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
