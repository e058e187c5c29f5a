"""Gradient boosting of what the constant-elasticity forecast leaves unexplained.

It learns the median of the log ratio of sales to that forecast, each row weighted by the units at
stake: the sum of absolute errors, which WAPE is, is least at the median.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from pricing.algorithms.demand.features import HALF

Values = NDArray[np.float64]

SAMPLE = 400_000  # rows that are enough to learn from
ROUNDS = 160
FEWEST_ROWS = 2_000
SEED = 7
# OpenMP's threads spin while they wait: on cores that others use too, two are many times slower.
THREADS = 1


def fit_correction(
    table: NDArray[np.float32], base: Values, units: Values, *, rounds: int = ROUNDS
) -> HistGradientBoostingRegressor | None:
    """A model of log((units + 1/2) / (base + 1/2)) from `table` (n, features); None of few rows."""
    if len(units) < FEWEST_ROWS:
        return None
    if len(units) > SAMPLE:
        some = np.random.default_rng(SEED).choice(len(units), SAMPLE, replace=False)
        table, base, units = table[some], base[some], units[some]
    target = np.log((units + HALF) / (base + HALF))
    at_stake = base + HALF
    weights = np.minimum(at_stake, np.quantile(at_stake, 0.995))
    model = HistGradientBoostingRegressor(
        loss="absolute_error", max_iter=rounds, learning_rate=0.1, max_leaf_nodes=48,
        min_samples_leaf=60, l2_regularization=1.0, early_stopping=False, random_state=SEED,
    )  # fmt: skip
    empty = ~np.isfinite(table).any(axis=0)
    if empty.any():  # the binning takes no column of which nothing is known
        table = np.where(empty, np.float32(0.0), table)
    with threadpool_limits(THREADS):
        return model.fit(table, target, sample_weight=weights / weights.mean())


def apply_correction(
    model: HistGradientBoostingRegressor, table: NDArray[np.float32], base: Values
) -> Values:
    """Units expected (n,), at least 0."""
    with threadpool_limits(THREADS):
        correction = model.predict(table)
    units: Values = (base + HALF) * np.exp(correction) - HALF
    return np.maximum(0.0, units)
