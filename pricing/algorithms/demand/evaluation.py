"""How well demand is understood: elasticities, and forecasts of weeks held back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.demand.boosting import apply_correction, fit_correction
from pricing.algorithms.demand.features import Features, describe
from pricing.algorithms.demand.fixed_effects import Slope, fit_group_slopes, fit_slope, sweep_out
from pricing.algorithms.demand.panels import Panel, ThinPanelError
from pricing.algorithms.demand.shrinkage import Prior, Shrunk, shrink

Values = NDArray[np.float64]

HELD_BACK = 0.2
FEWEST_WEEKS = 5
# What is assumed of products of which nothing is known; retail goods mostly lie between -1 and -4
# (Bijmolt, van Heerde and Pieters, "New empirical generalizations on the determinants of price
# elasticity", JMR 42, 2005: mean -2.62).
ORDINARY = Prior(mean=-2.6, error=0.1, spread=1.0)
PLAUSIBLE = (-10.0, 0.0)  # what a forecast believes


@dataclass(frozen=True, slots=True)
class Elasticities:
    """The pooled elasticity, and each product's drawn in towards it."""

    pooled: Slope
    products: Shrunk
    rows: int


@dataclass(frozen=True, slots=True)
class Wape:
    """Sum of absolute errors over sum of units, on the same rows of the held-back weeks."""

    model: float
    naive: float
    moving_average: float
    elastic: float
    rows: int
    chosen: str


def estimate_elasticities(panel: Panel) -> Elasticities:
    """Slopes of log units on log price within a product in a store and within a week.

    Rows without sales have no logarithm and are left out. A single series has nothing to be told
    from in its week: only its own level is taken out. ThinPanelError where prices never change.
    """
    sold = panel.units > 0
    if not sold.any():
        raise ThinPanelError("nothing was ever sold")
    series = panel.series[sold]
    effects = [series] if (series == series[0]).all() else [series, panel.week[sold]]
    y = sweep_out(np.log(panel.units[sold]), effects)
    x = sweep_out(np.log(panel.price[sold]), effects)
    product, store = panel.product[sold], panel.store[sold]
    pooled = fit_slope(y, x, [product, store])
    count = int(panel.product.max()) + 1
    values, errors = fit_group_slopes(y, x, product, panel.series[sold], count)
    groups = np.zeros(count, np.int64)
    return Elasticities(pooled, shrink(values, errors, groups, ORDINARY), int(sold.sum()))


def evaluate_forecasts(panel: Panel) -> Wape:
    """Forecast each row of the last fifth of the weeks from the weeks before it and its price.

    Elasticities and the model are fitted on the first four fifths; levels go on being followed.
    Which of the models answers is decided on the last of these weeks, not on those held back.
    ThinPanelError where there are too few weeks.
    """
    if panel.weeks < FEWEST_WEEKS:
        raise ThinPanelError(f"{FEWEST_WEEKS} weeks are the least to hold a fifth of them back")
    split = panel.weeks - max(1, round(panel.weeks * HELD_BACK))
    features = _describe(panel, panel.week < split)
    usable = np.isfinite(features.forecasts.elastic)
    tried = usable & (panel.week >= round(split * (1 - HELD_BACK))) & (panel.week < split)
    learnt = usable & (panel.week < split)
    tested = usable & (panel.week >= split)
    if not tested.any():
        raise ThinPanelError(
            "no product that is sold in the last fifth of the weeks was there before"
        )
    chosen = choose_model(_candidates(panel, features, learnt & ~tried, tried), panel.units[tried])
    return _measure(panel, features, learnt, tested, chosen)


def _describe(panel: Panel, learnt: NDArray[np.bool_]) -> Features:
    before = _rows_of(panel, learnt)
    count = int(panel.product.max()) + 1
    try:
        known = estimate_elasticities(before).products.values
    except ThinPanelError:
        known = np.empty(0)
    elasticity = np.full(count, ORDINARY.mean)
    elasticity[: len(known)] = known
    log_price = np.log(panel.price)
    series = int(panel.series.max()) + 1
    seen = np.bincount(panel.series[learnt], minlength=series)
    total = np.bincount(panel.series[learnt], log_price[learnt], series)
    first = log_price[np.searchsorted(panel.series, np.arange(series))]
    reference = np.where(seen > 0, total / np.maximum(1, seen), first)
    return describe(panel, np.clip(elasticity, *PLAUSIBLE)[panel.product], reference[panel.series])


def _rows_of(panel: Panel, rows: NDArray[np.bool_]) -> Panel:
    return Panel(
        panel.store[rows], panel.product[rows], panel.series[rows], panel.week[rows],
        panel.price[rows], panel.units[rows],
    )  # fmt: skip


def _candidates(
    panel: Panel, features: Features, learnt: NDArray[np.bool_], asked: NDArray[np.bool_]
) -> dict[str, Values]:
    """Units that each model expects in the rows `asked`, having seen those `learnt`."""
    plain = features.forecasts
    elastic = plain.elastic[asked]
    found = {"constant elasticity": elastic}
    model = fit_correction(features.table[learnt], plain.elastic[learnt], panel.units[learnt])
    if model is not None:
        boosted = apply_correction(model, features.table[asked], elastic)
        found |= {"boosted": boosted, "both": np.sqrt(boosted * elastic)}
    found |= {
        "moving average": (elastic + plain.moving_average[asked]) / 2,
    }
    return found


def choose_model(candidates: dict[str, Values], units: Values) -> str:
    """The name of the candidate that misses the fewest units; the first where there are none."""
    return min(candidates, key=lambda name: float(np.abs(units - candidates[name]).sum()))


def _measure(
    panel: Panel,
    features: Features,
    learnt: NDArray[np.bool_],
    tested: NDArray[np.bool_],
    chosen: str,
) -> Wape:
    units, plain = panel.units[tested], features.forecasts
    found = _candidates(panel, features, learnt, tested)

    def wape(forecast: Values) -> float:
        return float(np.abs(units - forecast).sum() / max(units.sum(), 1e-12))

    return Wape(
        model=wape(found[chosen]),
        naive=wape(plain.naive[tested]),
        moving_average=wape(plain.moving_average[tested]),
        elastic=wape(found["constant elasticity"]),
        rows=int(tested.sum()),
        chosen=chosen,
    )
