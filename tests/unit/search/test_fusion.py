"""Two searches become one list, by ranks and by how good each product is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.fusion import (
    Candidate,
    Evidence,
    FusionSettings,
    explain_score,
    fuse_ranks,
    order_candidates,
    score_candidates,
    score_tail,
)

WEIGHTS = {"semantic": 1.5, "keyword": 1.0}
ranks = st.lists(st.integers(0, 150), min_size=1, max_size=20)


def fused(semantic, keyword, weights=WEIGHTS):
    found = {"semantic": np.array(semantic), "keyword": np.array(keyword)}
    return fuse_ranks(found, weights, k=60, depth=100).tolist()


def scored(semantic, keyword, similarity=0.0, words=0.0, kind=0, **settings):
    columns = (np.array([value]) for value in (semantic, keyword, similarity, words, kind))
    return float(score_candidates(Evidence(*columns), FusionSettings(**settings))[0])


def test_known_scores():
    assert fused([1, 1, 0, 3], [1, 0, 1, 101]) == pytest.approx(
        [1, 1.5 / 2.5, 1 / 2.5, 1.5 / 63 * 61 / 2.5]
    )
    assert scored(1, 1, 1.0, 1.6, kind=1) == pytest.approx(1)
    assert scored(0, 0) == 0


def test_what_both_find_stands_above_what_one_finds_first():
    both, semantic, keyword = fused([10, 1, 0], [10, 0, 1])
    assert both > semantic > keyword


@given(ranks, ranks)
def test_the_order_of_the_searches_has_no_say(semantic, keyword):
    count = min(len(semantic), len(keyword))
    first, second = np.array(semantic[:count]), np.array(keyword[:count])
    one = fuse_ranks({"semantic": first, "keyword": second}, WEIGHTS, k=60, depth=100)
    other = fuse_ranks({"keyword": second, "semantic": first}, WEIGHTS, k=60, depth=100)
    assert one.tolist() == other.tolist()


@given(st.integers(1, 100), st.integers(1, 99), st.integers(0, 200))
def test_a_better_rank_never_lowers_the_score(other, rank, beyond):
    assert scored(rank, other) > scored(rank + 1, other)
    assert scored(rank, beyond) >= scored(rank, 0)


@given(st.floats(-1, 1), st.floats(0, 3))
def test_scores_lie_between_0_and_1(similarity, words):
    assert 0 <= scored(1, 1, similarity, words) < scored(1, 1, similarity, words, 1) <= 1 + 1e-9


@given(st.integers(1, 100), st.floats(-1, 1))
def test_the_tail_stands_below_all_that_was_fused(rank, similarity):
    tail = score_tail(np.arange(101, 1001))
    assert tail[0] < scored(0, rank, similarity)
    assert (np.diff(tail) < 0).all()


def test_order():
    named, better, worse = Candidate(9, 0.1, exact=True), Candidate(2, 0.5), Candidate(1, 0.4)
    tied = Candidate(3, 0.5)
    assert order_candidates([worse, tied, better, named]) == [named, better, tied, worse]


@given(st.integers(0, 100), st.integers(1, 100), st.floats(-1, 1), st.floats(0, 2), st.booleans())
def test_the_parts_of_a_score_sum_up_to_it(semantic, keyword, similarity, words, kind):
    score = scored(semantic, keyword, similarity, words, kind)
    found = Candidate(1, score, semantic, keyword, similarity, words, kind=kind)
    assert sum(explain_score(found).values()) == pytest.approx(score)


def test_the_parts_of_a_tails_score():
    found = Candidate(1, keyword_rank=150)
    assert sum(explain_score(found).values()) == pytest.approx(score_tail(np.array([150]))[0])
