"""Fixed effects, shrinkage and week labels: known answers, then properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.algorithms.demand.fixed_effects import fit_slope, sweep_out
from pricing.algorithms.demand.lags import Rows
from pricing.algorithms.demand.panels import build_panel, number_weeks
from pricing.algorithms.demand.shrinkage import Prior, shrink

PRIOR = Prior(-2.0, 0.1, 1.0)


def test_sweeping_out_two_effects_is_least_squares_on_their_dummies():
    rng = np.random.default_rng(1)
    one, two = rng.integers(0, 7, 200), rng.integers(0, 11, 200)
    x, y = rng.normal(size=200) + one, rng.normal(size=200) + 2 * two
    y += 1.7 * x
    dummies = np.hstack([x[:, None], np.eye(7)[one], np.eye(11)[two]])
    expected = np.linalg.lstsq(dummies, y, rcond=None)[0][0]
    found = fit_slope(sweep_out(y, [one, two]), sweep_out(x, [one, two]), [])
    assert found.value == pytest.approx(expected, abs=1e-6)


def test_the_interval_covers_the_truth_although_shocks_are_shared():
    """Nominal 95 %; clusters of shared shocks would make a naive interval far too narrow."""
    covered = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(40), 30)
        x = rng.normal(size=40)[group] + 0.3 * rng.normal(size=1200)
        y = -2 * x + rng.normal(size=40)[group] + rng.normal(size=1200)
        slope = fit_slope(y - y.mean(), x - x.mean(), [group])
        covered += slope.low <= -2 <= slope.high
    assert covered >= 86


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_shrinking_draws_towards_the_group_and_never_past_it(seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 3, 30)
    values, errors = rng.normal(-2, 1, 30), rng.uniform(0.1, 2, 30)
    values[rng.random(30) < 0.2] = np.nan
    found = shrink(values, errors, groups, PRIOR)
    for value, result, group in zip(values, found.values, groups, strict=True):
        centre = found.groups[group].mean
        if np.isnan(value):
            assert result == pytest.approx(centre)
        else:
            assert min(value, centre) - 1e-9 <= result <= max(value, centre) + 1e-9
    assert (found.errors >= 0).all()
    assert np.isfinite(found.errors).all()


def test_shrunk_estimates_are_nearer_the_truth_and_know_how_near():
    better, inside = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(6), 25)
        truth = rng.normal(-2.5, 0.8, 6)[groups] + rng.normal(0, 0.2, 150)
        errors = rng.uniform(0.2, 1.5, 150)
        noisy = truth + errors * rng.normal(size=150)
        found = shrink(noisy, errors, groups, PRIOR)
        better.append(np.abs(found.values - truth).mean() / np.abs(noisy - truth).mean())
        inside.append(np.mean(np.abs(found.values - truth) <= 1.96 * found.errors))
    assert np.mean(better) < 0.4
    assert 0.88 <= np.mean(inside) <= 0.99


def test_nothing_known_is_the_prior():
    found = shrink(np.array([np.nan]), np.array([np.nan]), np.array([0]), PRIOR)
    assert found.values[0] == pytest.approx(-2.0)
    assert found.errors[0] >= 1.0


@pytest.mark.parametrize(
    ("labels", "weeks"),
    [
        (["1", "2", "10"], [0, 1, 9]),
        (["7", "14", "28"], [0, 1, 3]),
        (["199652", "199701", "199702"], [0, 1, 2]),
        (["1997-W01", "1997-W03"], [0, 2]),
        (["1997-01-05", "1997-01-12", "1997-02-02"], [0, 1, 4]),
        (["1997-01-06 00:00:00", "1997-01-13 00:00:00"], [0, 1]),
        (["09/14/89", "09/21/89"], [0, 1]),
        (["14.09.1989", "21.09.1989"], [0, 1]),
        (["3.0", "4.0"], [0, 1]),
    ],
)
def test_week_labels_are_counted_in_weeks(labels, weeks):
    read = number_weeks(labels)
    assert [number - read[0] for number in read] == weeks


def test_a_label_of_another_kind_is_told():
    assert number_weeks(["1", "2", "three"])[2] is None


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_no_feature_of_the_past_looks_ahead(seed):
    """Changing what is sold from a week on changes no lagged value up to that week."""
    rng = np.random.default_rng(seed)
    size = 60
    store, product, week = (
        rng.integers(0, 2, size),
        rng.integers(0, 3, size),
        rng.integers(0, 9, size),
    )
    panel, _ = build_panel(store, product, week, np.ones(size), rng.random(size))
    changed = np.where(panel.week >= 5, panel.units + 100, panel.units)
    rows = Rows.of(panel)
    until = panel.week <= 5
    for read in (
        lambda v: rows.lag(v, 1), lambda v: rows.average(v, 3), lambda v: rows.fade(v, 0.7),
        lambda v: rows.highest(v, 4),
    ):  # fmt: skip
        first, second = read(panel.units)[until], read(changed)[until]
        known = np.isfinite(first) & (panel.week[until] <= 5)
        assert np.allclose(first[known], second[known])
