"""Small SVG charts, written by hand: bars with whiskers."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 560, 300, 60, 40, 40


@dataclass(frozen=True)
class Bar:
    """A value with its interval."""

    name: str
    value: float
    low: float
    high: float


_FRAME = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
    f'font-family="sans-serif" font-size="13"><rect width="{WIDTH}" height="{HEIGHT}" '
    'fill="white"/>'
)
_TURNED = (
    f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">'
)


def bar_chart(title: str, unit: str, bars: Sequence[Bar]) -> str:
    """The bars as SVG; values are shares, shown in per cent."""
    top = max(0.01, *(bar.high for bar in bars)) * 1.1
    bottom = min(0.0, *(bar.low for bar in bars)) * 1.1
    scale = (HEIGHT - TOP - BOTTOM) / (top - bottom)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - bottom) * scale

    step = (WIDTH - LEFT - 20) / len(bars)
    parts = [
        _FRAME,
        f'<text x="{WIDTH / 2}" y="20" text-anchor="middle">{title}</text>',
        _TURNED + f"{unit}</text>",
    ]
    for tick in range(5):
        value = bottom + (top - bottom) * tick / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
            'stroke="#ddd"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.0%}</text>'
        )
    for number, bar in enumerate(bars):
        middle = LEFT + step * (number + 0.5)
        high, low = max(y(bar.value), y(0)), min(y(bar.value), y(0))
        parts.append(
            f'<rect x="{middle - step * 0.3:.1f}" y="{low:.1f}" width="{step * 0.6:.1f}" '
            f'height="{max(1.0, high - low):.1f}" fill="#4a7ab5"/>'
            f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{y(bar.low):.1f}" '
            f'y2="{y(bar.high):.1f}" stroke="black" stroke-width="2"/>'
            f'<text x="{middle:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
            f"{bar.name}</text>"
            f'<text x="{middle:.1f}" y="{y(bar.high) - 6:.1f}" text-anchor="middle">'
            f"{bar.value:+.1%}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])
