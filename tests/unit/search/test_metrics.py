"""Rankings are measured as the literature has it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.metrics import (
    bootstrap_interval,
    ndcg,
    paired_difference,
    recall,
    reciprocal_first,
)

GRADES = {"a": 3.0, "b": 2.0, "c": 0.0, "d": 1.0}


def test_known_ndcg():
    ideal = 3 + 2 / math.log2(3) + 1 / 2
    assert ndcg(["a", "b", "d"], GRADES) == pytest.approx(1)
    assert ndcg(["c", "x", "a"], GRADES) == pytest.approx((3 / 2) / ideal)
    assert ndcg(["b", "a"], GRADES, k=1) == pytest.approx(2 / 3)
    assert ndcg([], GRADES) == 0
    assert ndcg(["c"], {"c": 0}) is None


def test_known_recall_and_first_rank():
    assert recall(["x", "b"], GRADES) == 0.5
    assert recall(["x", "b"], GRADES, k=1) == 0
    assert recall(["d"], {"d": 1}) is None
    assert reciprocal_first(["d", "x", "b"], GRADES) == pytest.approx(1 / 3)
    assert reciprocal_first(["d"], GRADES) == 0
    assert reciprocal_first(["d"], {"d": 1}) is None


@given(st.permutations(sorted(GRADES)))
def test_ndcg_is_a_share_of_the_ideal(order):
    value = ndcg(order, GRADES)
    assert value is not None
    assert 0 <= value <= 1 + 1e-12


def test_the_interval_holds_the_mean_and_narrows():
    value, low, high = bootstrap_interval([0.0, 1.0] * 20)
    assert value == 0.5
    assert low < value < high
    _, narrow_low, narrow_high = bootstrap_interval([0.0, 1.0] * 500)
    assert narrow_high - narrow_low < high - low
    assert bootstrap_interval([0.3] * 5) == pytest.approx((0.3, 0.3, 0.3))
    assert all(map(math.isnan, bootstrap_interval([])))


def test_a_paired_difference_is_surer_than_two_intervals():
    chance = np.random.default_rng(1)
    theirs = chance.uniform(0, 1, 100)
    found = paired_difference((theirs + 0.01 + chance.normal(0, 0.01, 100)).tolist(), theirs)
    assert found.value == pytest.approx(0.01, abs=0.003)
    assert 0 < found.low < found.value < found.high
    assert found.p < 0.001


def test_no_difference_is_called_none():
    same = paired_difference([0.5, 0.25], [0.5, 0.25])
    assert (same.value, same.p) == (0, 1)
    noise = np.random.default_rng(2).normal(0, 1, 100)
    assert paired_difference(noise.tolist(), [0.0] * 100).p > 0.05
    assert math.isnan(paired_difference([], []).value)
