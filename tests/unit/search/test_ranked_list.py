"""A ranked list survives being packed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.fusion import Candidate
from search.algorithms.ranked_list import (
    RankedCandidates,
    from_bytes,
    make_rows,
    pack_candidates,
    to_bytes,
    unpack_candidates,
)

candidates = st.lists(
    st.builds(
        Candidate,
        product_id=st.integers(1, 2**62),
        score=st.sampled_from([0.0, 0.5, 0.75]),
        semantic_rank=st.integers(0, 500),
        keyword_rank=st.integers(0, 500),
        similarity=st.sampled_from([0.0, 0.5, -0.25]),
        keyword_score=st.sampled_from([0.0, 0.75]),
        personal=st.sampled_from([0.0, 0.125, 0.25]),
        kind=st.booleans(),
        exact=st.booleans(),
        topped_up=st.booleans(),
        rule=st.integers(0, 9),
        moved=st.integers(-20, 20),
    ),
    max_size=300,
)


@given(candidates)
def test_what_is_packed_comes_back(found):
    ranked = RankedCandidates.of(found)
    assert list(ranked) == found
    assert list(unpack_candidates(pack_candidates(ranked))) == found
    assert list(from_bytes(to_bytes(ranked))) == found


@given(candidates)
def test_explanations_can_be_left_out(found):
    names = ("semantic_rank", "keyword_rank", "similarity", "keyword_score", "personal", "kind")
    blank = dict.fromkeys((*names, "rule", "moved"), 0)
    packed = pack_candidates(RankedCandidates.of(found), scores=False)
    assert list(unpack_candidates(packed)) == [c._replace(**blank) for c in found]


@given(candidates, st.integers(0, 300), st.integers(0, 300))
def test_it_reads_like_a_list(found, start, end):
    ranked = RankedCandidates.of(found)
    assert list(ranked[start:end]) == found[start:end]
    assert ranked.product_ids == [candidate.product_id for candidate in found]
    assert list(ranked[:start] + ranked[start:]) == found
    assert [ranked[place] for place in range(len(ranked))] == found


def test_products_can_be_kept_and_left_out():
    ranked = RankedCandidates.of([Candidate(3), Candidate(1), Candidate(2)])
    assert ranked.keep([1, 3]).product_ids == [3, 1]
    assert ranked.without([3]).product_ids == [1, 2]
    assert ranked.without([]) == ranked


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(raw):
    with pytest.raises(ValueError, match="not a ranked list"):
        unpack_candidates(b"x" + raw)


def test_half_a_row_is_refused():
    with pytest.raises(ValueError, match="not a ranked list"):
        from_bytes(b"xyz")


def test_a_bomb_is_refused():
    huge = pack_candidates(RankedCandidates(make_rows(40_000)))
    with pytest.raises(ValueError, match="not a ranked list"):
        unpack_candidates(huge)
