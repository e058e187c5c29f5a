"""When something is needed again; how scores of several sources are put on one scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.algorithms.placements import STANDARD, Anchor, Source, find_flaws
from recommendations.algorithms.repurchase import Bought, rank_needs
from recommendations.algorithms.shelves import Candidate, scale_scores


def ranked(*purchases):
    return [product_id for product_id, _ in rank_needs(purchases)]


def test_what_is_due_comes_before_what_is_early_or_long_past():
    due, early, past = (Bought(n, 1, 0.0, ago, 30.0) for n, ago in enumerate((30, 18, 300)))
    assert ranked(past, early, due)[0] == 0
    assert ranked(Bought(9, 1, 0.0, 3.0, 30.0)) == []


def test_ones_own_habit_outweighs_the_usual():
    habit = Bought(1, times=5, span=28.0, ago=9.0, usual=60.0)  # every week
    assert ranked(habit) == [1]
    assert ranked(Bought(1, 1, 0.0, 9.0, 60.0)) == []


def test_a_guess_is_worth_less_than_knowledge():
    known, guessed = Bought(1, 1, 0.0, 60.0, 60.0), Bought(2, 1, 0.0, 60.0, None)
    assert rank_needs([guessed, known]) == [(1, 1.0), (2, 0.5)]


@given(
    st.lists(
        st.builds(
            Bought, st.integers(1, 99), st.integers(1, 50), st.floats(0, 4000),
            st.floats(-1, 4000), st.none() | st.floats(0, 4000),
        )
    )
)  # fmt: skip
def test_needs_lie_between_nothing_and_one(purchases):
    assert all(0.0 < need <= 1.0 for _, need in rank_needs(purchases))


def candidate(source, score, number=1):
    return Candidate(number, score, source, number)


@given(
    st.lists(st.floats(0, 1e6), max_size=5),
    st.lists(st.floats(0, 1e6), max_size=5),
)
def test_later_sources_never_score_above_earlier_ones(first, second):
    candidates = [candidate(Source.PERSONAL, score) for score in sorted(first, reverse=True)]
    candidates += [candidate(Source.POPULAR, score) for score in sorted(second, reverse=True)]
    scores = scale_scores(candidates)
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_the_best_has_one():
    scaled = scale_scores([candidate(Source.POPULAR, 7.0), candidate(Source.POPULAR, 3.5)])
    assert scaled == [1.0, 0.5]


def test_the_standard_placements_are_sound():
    for placement in STANDARD:
        assert not list(find_flaws(placement.anchor, [str(one) for one in placement.sources]))


@pytest.mark.parametrize("source", ["product_similar", "bought_together"])
def test_likeness_needs_something_to_be_like(source):
    assert list(find_flaws(Anchor.NONE, [source]))
    assert not list(find_flaws(Anchor.CART, [source]))
