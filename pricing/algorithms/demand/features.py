"""What a one-week-ahead forecast may look at: the past, and this week's prices."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.demand.lags import Rows, WeeklySums
from pricing.algorithms.demand.panels import Panel

Values = NDArray[np.float64]

KEEP = (0.6, 0.85, 0.97)  # how much of a week's sales the level remembers a week later
YEAR = 52
REGULAR_WEEKS = 8
LAGS = (1, 2, 3, 4)
FURTHEST = 3.0  # exp(3): no price moves sales by more than 20 times
HALF = 0.5  # of a unit: what none sold counts as in logarithms of ratios


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Units expected in each row's week from the weeks before: (n,) each, NaN for first rows."""

    naive: Values
    moving_average: Values
    elastic: Values


@dataclass(frozen=True, slots=True)
class Features:
    """`table` (n, features) as 32-bit floats, NaN where unknown, beside the plain forecasts."""

    table: NDArray[np.float32]
    forecasts: Forecasts


MOVING_WEEKS = 4


def describe(panel: Panel, elasticity: Values, reference: Values) -> Features:
    """Features of each row; `elasticity` and `reference` (log price) are its product's, (n,).

    The elastic forecast is the level of the series times (price / reference) ** elasticity, where
    the level is the faded sum of units over the faded sum of what the prices alone would have
    done: a gamma-Poisson filter, which weeks without sales and fractions of units don't disturb.
    """
    rows = Rows.of(panel)
    log_price = np.log(panel.price)
    pull = np.exp(np.clip(elasticity * (log_price - reference), -FURTHEST, FURTHEST))
    levels = [rows.fade(panel.units, keep) / _positive(rows.fade(pull, keep)) for keep in KEEP]
    elastic = levels[1] * pull
    forecasts = Forecasts(
        naive=rows.lag(panel.units, 1),
        moving_average=rows.average(panel.units, MOVING_WEEKS),
        elastic=elastic,
    )
    base = np.log(elastic + HALF)
    columns = [base, elasticity, *_own_past(panel, rows, base, pull, levels)]
    columns += _prices(panel, rows, log_price)
    columns += _elsewhere(panel, elastic)
    table = np.column_stack([column.astype(np.float32) for column in columns])
    return Features(table, forecasts)


def _positive(values: Values) -> Values:
    return np.where(values > 0, values, np.nan)


def _own_past(
    panel: Panel, rows: Rows, base: Values, pull: Values, levels: list[Values]
) -> list[Values]:
    """Levels of other memories, recent sales at this week's price, and how sure they are."""
    at_reference = np.log((panel.units + HALF) / pull)
    columns = [np.log(level * pull + HALF) - base for level in (levels[0], levels[2])]
    now = np.log(pull)
    columns += [rows.lag(at_reference, steps) + now - base for steps in LAGS]
    surprise = np.log(panel.units + HALF) - base
    columns += [
        rows.average((panel.units == 0).astype(np.float64), REGULAR_WEEKS),
        rows.average(np.abs(np.nan_to_num(surprise)), REGULAR_WEEKS),
        np.log(rows.average(panel.units, 2 * REGULAR_WEEKS) + HALF) - base,
        np.log(rows.highest(panel.units, REGULAR_WEEKS) + HALF) - base,
        panel.week - rows.lag(panel.week.astype(float), 1),
        np.minimum(rows.place, 2 * YEAR).astype(float),
    ]
    return columns


def _prices(panel: Panel, rows: Rows, log_price: Values) -> list[Values]:
    """This week's price beside earlier and regular ones, and beside other products' and stores'."""
    regular = np.fmax(rows.highest(log_price, REGULAR_WEEKS), log_price)
    depth = log_price - regular
    columns = [
        log_price - rows.lag(log_price, 1),
        log_price - rows.average(log_price, REGULAR_WEEKS),
        depth,
        rows.lag(depth, 1),
        rows.lag(depth, 2),
        rows.average((depth < -0.05).astype(np.float64), REGULAR_WEEKS),
    ]
    ones = np.ones(len(panel))
    for group in (panel.product, panel.store):
        total = WeeklySums.of(group, panel.week, depth).at(group, panel.week) - depth
        count = WeeklySums.of(group, panel.week, ones).at(group, panel.week) - 1
        columns.append(total / _positive(count))
    return columns


def _elsewhere(panel: Panel, elastic: Values) -> list[Values]:
    """How far sales were from what was expected: the product's, the store's, and a year ago."""
    known = np.isfinite(elastic)
    sold, expected = np.where(known, panel.units, 0.0), np.where(known, elastic, 0.0)
    columns = []
    everything = np.zeros(len(panel), np.int64)
    for group, weeks in (
        (panel.product, (1, YEAR)), (panel.store, (1, YEAR)), (everything, (1, YEAR, YEAR - 1)),
    ):  # fmt: skip
        sums = [WeeklySums.of(group, panel.week, values) for values in (sold, expected)]
        for back in weeks:
            past, hoped = (one.at(group, panel.week - back) for one in sums)
            columns.append(np.log((past + 1.0) / (hoped + 1.0)))
    return columns
