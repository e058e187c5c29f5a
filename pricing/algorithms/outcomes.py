"""What prices would have earned, as far as demand is known: expectations with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.deciders.model import FLATTEST, STEEPEST

Values = NDArray[np.float64]
DRAWS = 200
SEED = 7


@dataclass(frozen=True, slots=True)
class Sold:
    """Variants whose demand is known: (v,) each. `cost` is NaN where it is not known."""

    elasticity: Values
    error: Values
    rate: Values
    list_price: Values
    cost: Values


@dataclass(frozen=True, slots=True)
class Estimate:
    """An expectation with its 95 % interval, over what is not known of elasticities."""

    value: float
    low: float
    high: float


def expect_outcomes(sold: Sold, prices: Mapping[str, Values]) -> dict[str, dict[str, Estimate]]:
    """Units, revenue and margin over all days at each of `prices` (days, v), by name.

    `difference` is that of the first two, drawn together. Half of what is unknown of a product's
    elasticity is taken to be shared by all, for it comes from the shop's and the category's.
    Margin is of the variants whose cost is known.
    """
    rng = np.random.default_rng(SEED)
    shared = rng.normal(size=(DRAWS, 1))
    own = rng.normal(size=(DRAWS, len(sold.rate)))
    drawn = sold.elasticity + sold.error * (shared + own) / np.sqrt(2.0)
    elasticity = np.clip(drawn, STEEPEST, FLATTEST)
    totals = {name: _totals(sold, elasticity, paths) for name, paths in prices.items()}
    first, second = list(totals.values())[:2]
    totals["difference"] = {name: first[name] - second[name] for name in first}
    return {
        name: {what: _estimate(values) for what, values in outcome.items()}
        for name, outcome in totals.items()
    }


def _totals(sold: Sold, elasticity: Values, paths: Values) -> dict[str, Values]:
    """Totals of each draw (draws,)."""
    known = np.isfinite(sold.cost)
    cost = np.where(known, sold.cost, 0.0)
    units, revenue, margin = (np.zeros(len(elasticity)) for _ in range(3))
    for price in paths:
        demand = sold.rate * np.exp(elasticity * np.log(price / sold.list_price))
        units += demand.sum(axis=1)
        revenue += demand @ price
        margin += demand @ np.where(known, price - cost, 0.0)
    return {"units": units, "revenue": revenue, "margin": margin}


def _estimate(values: Values) -> Estimate:
    low, high = np.percentile(values, [2.5, 97.5])
    return Estimate(float(values.mean()), float(low), float(high))


WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 300, 56, 44, 36
COLOURS = ("#4a7ab5", "#b5694a")


def draw_lines(title: str, lines: Mapping[str, Sequence[float]], labels: Sequence[str]) -> str:
    """A small chart of `lines`, by name one value for each of `labels`, as SVG."""
    everything = [value for line in lines.values() for value in line]
    low, high = min(everything), max(everything)
    room = (high - low) * 0.1 or abs(high) * 0.05 or 1.0
    low, high = low - room, high + room
    across = (WIDTH - LEFT - 16) / max(1, len(labels) - 1)

    def y(value: float) -> float:
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [_text(WIDTH / 2, 18, title, "middle")]
    for tick in range(5):
        value = low + (high - low) * tick / 4
        parts.append(_rule(y(value)))
        parts.append(_text(LEFT - 6, y(value) + 4, f"{value:.3g}", "end"))
    for number, (name, line) in enumerate(lines.items()):
        points = " ".join(f"{LEFT + across * i:.1f},{y(v):.1f}" for i, v in enumerate(line))
        colour = COLOURS[number % len(COLOURS)]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(_text(LEFT + 130 * number, 36, name, "start", colour))
    for place in {0, len(labels) - 1}:
        anchor = "start" if place == 0 else "end"
        parts.append(_text(LEFT + across * place, HEIGHT - 12, labels[place], anchor))
    return "\n".join([_HEAD, *parts, "</svg>", ""])


_HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
    f'font-family="sans-serif" font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" '
    'fill="white"/>'
)


def _rule(y: float) -> str:
    return f'<line x1="{LEFT}" x2="{WIDTH - 16}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place}>{text}</text>"
