"""The average price of a day, from periods in which prices were in force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.algorithms.demand.price_paths import PricePaths


def paths(*periods):
    columns = np.array(periods, float).T if periods else np.empty((5, 0))
    product, variant = columns[:2].astype(np.int64)
    return PricePaths.of(product, variant, *columns[2:])


def mean(path, product, day):
    return path.on_days(np.array([product]), np.array([day]))[0]


def test_a_day_on_which_the_price_changed_is_their_average():
    path = paths((0, 7, 0.0, 1.25, 0.0), (0, 7, 1.25, 9.0, -0.4))
    assert mean(path, 0, 0) == pytest.approx(0.0)
    assert mean(path, 0, 1) == pytest.approx(-0.3)
    assert mean(path, 0, 5) == pytest.approx(-0.4)


def test_days_that_nothing_covers_have_no_price():
    path = paths((0, 7, 2.0, 3.0, 0.1), (0, 7, 5.0, 5.5, 0.3), (2, 9, 0.0, 1.0, 0.2))
    assert np.isnan(mean(path, 0, 0))
    assert np.isnan(mean(path, 0, 4))
    assert mean(path, 0, 5) == pytest.approx(0.3)
    assert np.isnan(mean(path, 1, 0))
    assert np.isnan(mean(path, 3, 0))
    assert np.isnan(mean(paths(), 0, 0))


def test_variants_are_averaged():
    path = paths((0, 7, 0.0, 9.0, 0.1), (0, 8, 0.0, 9.0, 0.3))
    assert mean(path, 0, 3) == pytest.approx(0.2)


@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=8), st.integers(0, 999))
def test_it_is_the_integral_over_the_day(lengths, seed):
    rng = np.random.default_rng(seed)
    ends = np.cumsum(lengths)
    values = rng.normal(size=len(lengths))
    path = paths(*((0, 4, end - length, end, value)
                   for length, end, value in zip(lengths, ends, values, strict=True)))  # fmt: skip
    grid = (np.arange(20_000) + 0.5) / 20_000
    for day in range(int(ends[-1]) + 1):
        at = np.searchsorted(ends, day + grid)
        inside = at < len(values)
        if inside.mean() > 0.05:  # of less, the grid sees too little
            expected = values[at[inside]].mean()
            assert mean(path, 0, day) == pytest.approx(expected, abs=1e-2)
