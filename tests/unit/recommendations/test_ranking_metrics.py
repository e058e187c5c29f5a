"""Metrics against answers worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.algorithms import metrics

# Two users: hits at ranks 1 and 3 of 3 with 2 relevant; no hit with 5 relevant.
RANKED = np.array([[4, 9, 7], [1, 2, 3]])
RELEVANT = [np.array([4, 7]), np.array([10, 11, 12, 13, 14])]
COUNTS = np.array([2, 5])
HITS = metrics.find_hits(RANKED, RELEVANT)


def test_ndcg():
    ideal = 1 + 1 / np.log2(3)
    assert metrics.ndcg(HITS, COUNTS).tolist() == pytest.approx([(1 + 1 / 2) / ideal, 0])


def test_the_ideal_is_cut_at_k():
    hits = np.ones((1, 3), dtype=bool)
    assert metrics.ndcg(hits, np.array([100])).tolist() == pytest.approx([1.0])


def test_recall():
    assert metrics.recall(HITS, COUNTS).tolist() == [1.0, 0.0]


def test_average_precision():
    assert metrics.average_precision(HITS, COUNTS).tolist() == pytest.approx([(1 + 2 / 3) / 2, 0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_the_interval_holds_the_mean(values):
    found = metrics.estimate(np.array(values), samples=200)
    assert min(values) - 1e-9 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high + 1e-9 <= max(values) + 2e-9
