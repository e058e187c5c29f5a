"""Stacked bars as coordinates: where each piece of a chart lies, for a template to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 12, 28
# Okabe and Ito (2008): told apart by those who do not see all colours, too.
COLOURS = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999",
    "#332288", "#882255",
)  # fmt: skip
MOST_SERIES = len(COLOURS)
OTHERS = "others"
GRID_LINES = 4
ROUND = (4, 5, 6, 8, 10, 12, 16, 20, 25, 32)
MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a stack, in the units of the drawing, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Series:
    """All pieces of one name."""

    name: str
    colour: str
    total: int
    values: tuple[int, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of an axis, and where it stands."""

    position: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars over labelled places, the series with the greatest total at the bottom."""

    series: tuple[Series, ...]
    labels: tuple[str, ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - BOTTOM

    @property
    def total(self) -> int:
        """The sum of all values."""
        return sum(one.total for one in self.series)


def stack_bars(values: Mapping[str, Sequence[int]], labels: Sequence[str]) -> Chart:
    """The chart of `values`, by name one for each of `labels`, none negative.

    Beyond as many names as there are colours the least are put together.
    """
    named = _gather(values)
    top = ceiling(max((sum(column) for column in zip(*named.values(), strict=True)), default=0))
    heights = [0] * len(labels)
    series = []
    for (name, numbers), colour in zip(named.items(), COLOURS, strict=False):
        bars = _bars(numbers, labels, heights, top)
        heights = [below + number for below, number in zip(heights, numbers, strict=True)]
        series.append(Series(name, colour, sum(numbers), tuple(numbers), tuple(bars)))
    rows = [top * line // GRID_LINES for line in range(GRID_LINES + 1)]
    return Chart(
        tuple(series),
        tuple(labels),
        tuple(Tick(_height(row, top), f"{row:,}") for row in dict.fromkeys(rows)),
        tuple(_columns(labels)),
    )


def ceiling(value: int) -> int:
    """The least round number that is no less than `value` and whose quarters are whole."""
    power = 1
    while True:
        for step in ROUND:
            if step * power >= value and step * power % GRID_LINES == 0:
                return step * power
        power *= 10


def _gather(values: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """`values` by falling total, those past the colours summed under one name."""
    ordered = sorted(values.items(), key=lambda one: (-sum(one[1]), one[0]))
    if len(ordered) <= MOST_SERIES:
        return {name: list(numbers) for name, numbers in ordered}
    kept, rest = ordered[: MOST_SERIES - 1], ordered[MOST_SERIES - 1 :]
    others = [sum(column) for column in zip(*(numbers for _, numbers in rest), strict=True)]
    return {name: list(numbers) for name, numbers in kept} | {OTHERS: others}


def _bars(
    numbers: Sequence[int], labels: Sequence[str], below: Sequence[int], top: int
) -> list[Bar]:
    step = _step(len(labels))
    bars = []
    for place, (number, foot) in enumerate(zip(numbers, below, strict=True)):
        if number:
            y = _height(foot + number, top)
            height = _height(foot, top) - y
            x = LEFT + place * step + step / 10
            bars.append(Bar(x, y, step * 0.8, height, labels[place], number))
    return bars


def _columns(labels: Sequence[str]) -> list[Tick]:
    step, every = _step(len(labels)), -(-len(labels) // MOST_LABELS) or 1
    return [
        Tick(LEFT + (place + 0.5) * step, label)
        for place, label in enumerate(labels)
        if place % every == 0
    ]


def _step(places: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(places, 1)


def _height(value: int, top: int) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 2)
