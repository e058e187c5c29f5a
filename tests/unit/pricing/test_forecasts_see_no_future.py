"""A forecast knows the weeks before and this week's prices, and nothing else."""

import numpy as np

from pricing.algorithms.demand.features import describe
from pricing.algorithms.demand.panels import build_panel


def draw(units_after=0.0):
    rng = np.random.default_rng(2)
    store, product, week = (part.ravel() for part in np.indices((4, 5, 80)))
    price = np.where(rng.random(store.size) < 0.2, 0.7, 1.0)
    units = rng.poisson(5, store.size) + np.where(week >= 70, units_after, 0.0)
    return build_panel(store, product, week, price, units)[0]


def test_what_is_sold_later_changes_no_forecast():
    first, second = draw(), draw(units_after=50.0)
    n = len(first)
    tables = [describe(panel, np.full(n, -2.0), np.zeros(n)) for panel in (first, second)]
    until = first.week <= 70  # the forecasts of week 70 rest on week 69
    assert np.array_equal(tables[0].table[until], tables[1].table[until], equal_nan=True)
    assert not np.array_equal(tables[0].table[~until], tables[1].table[~until], equal_nan=True)


def test_a_lower_price_raises_what_is_expected_as_the_elasticity_says():
    panel = draw()
    n = len(panel)
    forecast = describe(panel, np.full(n, -2.0), np.zeros(n)).forecasts.elastic
    inert = describe(panel, np.zeros(n), np.zeros(n)).forecasts.elastic
    later = panel.week > 60
    cheap = later & (panel.price < 1)
    assert (
        (forecast[cheap].mean() / inert[cheap].mean())
        > 1.5
        > (forecast[later & ~cheap].mean() / inert[later & ~cheap].mean())
    )
