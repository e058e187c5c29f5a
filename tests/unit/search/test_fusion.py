"""Two searches become one list by reciprocal rank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.fusion import CANDIDATES, Candidate, fuse_ranks, order_candidates

ranks = st.integers(0, 200)
candidates = st.lists(
    st.builds(Candidate, st.integers(1, 500), ranks, ranks), unique_by=lambda c: c.product_id
)


def test_known_scores():
    assert fuse_ranks(1, 1) == pytest.approx(2 / 61)
    assert fuse_ranks(1, 0) == pytest.approx(1 / 61)
    assert fuse_ranks(3, 51) == pytest.approx(1 / 63)
    assert fuse_ranks(51, 60) == pytest.approx(1 / 111)
    assert fuse_ranks(0, 0) == 0


def test_what_both_find_stands_above_what_one_finds_first():
    both, semantic, keyword = Candidate(1, 10, 10), Candidate(2, 1, 0), Candidate(3, 0, 1)
    assert order_candidates([semantic, keyword, both]) == [both, semantic, keyword]


def test_ties_are_broken_the_same_way_each_time():
    first, second = Candidate(1, 2, 0), Candidate(2, 0, 2)
    assert order_candidates([second, first]) == order_candidates([first, second])


@given(candidates)
def test_close_ones_stand_above_all_others(found):
    close = [candidate.is_close for candidate in order_candidates(found)]
    assert close == sorted(close, reverse=True)


@given(st.integers(1, CANDIDATES), st.integers(1, CANDIDATES - 1), ranks)
def test_a_better_rank_never_lowers_the_score(other, rank, beyond):
    assert fuse_ranks(rank, other) > fuse_ranks(rank + 1, other)
    assert fuse_ranks(rank, beyond) >= fuse_ranks(rank, 0)
