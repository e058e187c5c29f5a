"""The best of a block of scores."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recommendations.algorithms.ranking import exclude, scale_to_best, top_k

SCORES = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=30),
    elements=st.floats(-5, 5, width=32),
)  # fmt: skip


@given(SCORES, st.integers(0, 40))
def test_top_k_scores_are_those_of_a_full_sort(scores, k):
    best = top_k(scores, k)
    expected = -np.sort(-scores, axis=1)[:, :k]
    np.testing.assert_array_equal(np.take_along_axis(scores, best, axis=1), expected)
    assert all(len(set(row)) == len(row) for row in best.tolist())


def test_equal_scores_stand_in_column_order():
    assert top_k(np.array([[1, 3, 3, 2]], dtype=np.float32), 3).tolist() == [[1, 2, 3]]


def test_what_is_excluded_comes_last():
    scores = np.array([[3, 2, 1]], dtype=np.float32)
    exclude(scores, sp.csr_matrix([[1, 0, 0]]))
    assert top_k(scores, 2).tolist() == [[1, 2]]


def test_scaling_brings_the_best_to_one_and_hides_the_rest():
    scaled = scale_to_best(np.array([[-np.inf, 4, 2, -1], [0, 0, 0, 0]], dtype=np.float32))
    assert scaled.tolist() == [[0, 1, 0.5, 0], [0, 0, 0, 0]]


def test_among_many_columns_that_are_equal_the_first_are_taken():
    scores = np.zeros((2, 20_000), dtype=np.float32)
    scores[1, [19_999, 7]] = 1.0
    scores[1, 9_000] = 2.0
    assert top_k(scores, 4).tolist() == [[0, 1, 2, 3], [9_000, 7, 19_999, 0]]


def test_where_all_is_excluded_columns_follow_each_other():
    scores = np.full((1, 5_000), -np.inf, dtype=np.float32)
    assert top_k(scores, 3).tolist() == [[0, 1, 2]]
