"""Draw measurements over a growing size, as SVG: panels side by side, a line for each measure."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

PANEL, HEIGHT, LEFT, TOP, FOOT = 430, 250, 48, 34, 36
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


class Line(NamedTuple):
    """One measure over sizes, smallest first."""

    name: str
    points: list[tuple[float, float]]


class Panel(NamedTuple):
    """Lines over one scale of values; `ticks` says how sizes read, `place` where they lie."""

    title: str
    lines: list[Line]
    ticks: dict[float, str]
    place: Callable[[float], float] = float


def draw(title: str, panels: Sequence[Panel]) -> Iterator[str]:
    """The drawing's lines."""
    width = len(panels) * PANEL
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 90}"'
        ' font-family="sans-serif" font-size="11" role="img">'
    )
    yield f"<title>{title}</title>"
    yield f'<rect width="{width}" height="{HEIGHT + 90}" fill="white"/>'
    for number, panel in enumerate(panels):
        yield from _draw_panel(number * PANEL, panel)
    yield "</svg>"


def _draw_panel(left: int, panel: Panel) -> Iterator[str]:
    sizes = [panel.place(x) for line in panel.lines for x, _ in line.points]
    # From nothing on, or from the least size on where sizes lie by their logarithm.
    least_x, most_x = panel.place(0) if panel.place is float else min(sizes), max(sizes)
    most_y = 1.15 * max(y for line in panel.lines for _, y in line.points)
    width, height = PANEL - LEFT - 16, HEIGHT - TOP - FOOT

    def across(size: float) -> float:
        return left + LEFT + width * (panel.place(size) - least_x) / (most_x - least_x or 1)

    def up(value: float) -> float:
        return TOP + height * (1 - value / most_y)

    yield f'<text x="{left + LEFT}" y="18" font-size="12" font-weight="bold">{panel.title}</text>'
    for part in range(5):
        value = most_y * part / 4
        ends = f'x1="{left + LEFT}" x2="{left + LEFT + width}"'
        yield f'<line {ends} y1="{up(value):.1f}" y2="{up(value):.1f}" stroke="#ddd"/>'
        beside = f'x="{left + LEFT - 5}" y="{up(value):.1f}" dy="4"'
        yield f'<text {beside} text-anchor="end">{value:.3g}</text>'
    for size, said in panel.ticks.items():
        below = f'x="{across(size):.1f}" y="{up(0):.1f}" dy="15"'
        yield f'<text {below} text-anchor="middle">{said}</text>'
    for number, line in enumerate(panel.lines):
        colour = COLOURS[number % len(COLOURS)]
        places = [(across(x), up(y)) for x, y in line.points]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
        yield from _name(left + LEFT + number % 2 * 195, number // 2, line.name, colour)


def _name(left: int, row: int, name: str, colour: str) -> Iterator[str]:
    down = HEIGHT + 14 + 18 * row
    yield f'<rect x="{left}" y="{down - 9}" width="10" height="10" fill="{colour}"/>'
    yield f'<text x="{left + 15}" y="{down}" font-size="10">{name}</text>'
