"""A slope within groups: fixed effects swept out by alternating projections.

Guimarães and Portugal, "A simple feasible procedure to fit models with high-dimensional fixed
effects", Stata Journal 10(4), 2010; standard errors by Cameron, Gelbach and Miller, "Robust
inference with multiway clustering", JBES 29(2), 2011.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.demand.panels import ThinPanelError

Codes = NDArray[np.int64]
Values = NDArray[np.float64]

SWEEPS = 1_000
TOLERANCE = 1e-8
FEWEST_CLUSTERS = 8  # fewer tell little of how clusters differ
CONFIDENCE = 1.96
PRIOR_ROWS = 10.0  # what everybody's residual variance counts as beside a group's own


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope with its standard error and 95 % interval."""

    value: float
    error: float

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return self.value - CONFIDENCE * self.error

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return self.value + CONFIDENCE * self.error


def sweep_out(values: Values, effects: Sequence[Codes]) -> Values:
    """`values` (n,) without what any of the `effects` (n,) explains: group means are all zero."""
    left: Values = values - values.mean()
    scale = float(left.std()) or 1.0
    counts = [np.maximum(1, np.bincount(codes)) for codes in effects]
    for _ in range(SWEEPS):
        largest = 0.0
        for codes, count in zip(effects, counts, strict=True):
            means = np.bincount(codes, left, len(count)) / count
            left = left - means[codes]
            largest = max(largest, float(np.abs(means).max()))
        if largest <= TOLERANCE * scale or len(effects) == 1:
            break
    return left


def fit_slope(y: Values, x: Values, clusters: Sequence[Codes]) -> Slope:
    """The slope of swept-out `y` on swept-out `x` (n,).

    Its error allows for whatever correlation there is inside each of up to two kinds of
    clusters: the largest of what each kind by itself and both together say. Raises
    ThinPanelError where `x` doesn't vary.
    """
    weight = float(x @ x)
    if weight <= len(x) * 1e-12:
        raise ThinPanelError("prices never change within a product and store")
    value = float(x @ y) / weight
    scores = x * (y - value * x)
    usable = [codes for codes in clusters if len(np.unique(codes)) >= FEWEST_CLUSTERS]
    meats = [float(scores @ scores), *(_meat(scores, codes) for codes in usable)]
    if len(usable) == 2:
        first, second = usable
        both = _meat(scores, first * (int(second.max()) + 1) + second)
        meats.append(meats[1] + meats[2] - both)
    return Slope(value, max(meats) ** 0.5 / weight)


def _meat(scores: Values, codes: Codes) -> float:
    """Sum over clusters of squared sums of scores, with the small-sample factor G / (G - 1)."""
    groups = np.unique(codes, return_inverse=True)[1]
    count = int(groups.max()) + 1
    sums = np.bincount(groups, scores)
    return float(sums @ sums) * count / max(1, count - 1)


def fit_group_slopes(
    y: Values, x: Values, groups: Codes, clusters: Codes, count: int
) -> tuple[Values, Values]:
    """A slope for each of `count` groups, and its error: (count,) each; NaN where `x` stands still.

    `clusters` are nested in the groups (each group's stores). Of the cluster-robust error and the
    one that takes rows for independent the larger counts; the residual variance is borrowed from
    everybody where a group has few rows.
    """
    weight = np.bincount(groups, x * x, count)
    rows = np.bincount(groups, minlength=count)
    moves = weight > 1e-9 * np.maximum(1, rows)
    safe = np.where(moves, weight, 1.0)
    values = np.bincount(groups, x * y, count) / safe
    residual = y - values[groups] * x
    scores = x * residual
    own = np.bincount(groups, residual**2, count)
    pooled = float(residual @ residual) / max(1, len(y))
    spread = (own + PRIOR_ROWS * pooled) / (rows + PRIOR_ROWS)
    cell = np.unique(clusters, return_index=True, return_inverse=True)
    sums = np.bincount(cell[2], scores)
    clustered = np.bincount(groups[cell[1]], sums**2, count)
    errors = np.sqrt(np.maximum(spread * weight, clustered)) / safe
    return np.where(moves, values, np.nan), np.where(moves, errors, np.nan)
