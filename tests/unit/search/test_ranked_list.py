"""A ranked list survives being packed."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.fusion import Candidate
from search.algorithms.ranked_list import pack_candidates, unpack_candidates

candidates = st.lists(
    st.builds(
        Candidate,
        product_id=st.integers(1, 2**62),
        category_id=st.integers(0, 2**62),
        semantic_rank=st.integers(0, 500),
        keyword_rank=st.integers(0, 500),
        boost=st.sampled_from([0.0, 0.125, 0.25]),
        similarity=st.sampled_from([0.0, 0.5, -0.25]),
        keyword_score=st.sampled_from([0.0, 0.75]),
    ),
    max_size=300,
)


@given(candidates)
def test_what_is_packed_comes_back(found):
    assert unpack_candidates(pack_candidates(found)) == found


@given(candidates)
def test_scores_can_be_left_out(found):
    bare = [dataclasses.replace(c, similarity=0.0, keyword_score=0.0) for c in found]
    assert unpack_candidates(pack_candidates(found, scores=False)) == bare


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(raw):
    with pytest.raises(ValueError, match="not a ranked list"):
        unpack_candidates(b"x" + raw)


def test_a_bomb_is_refused():
    huge = pack_candidates([Candidate(1)] * 20_000)
    with pytest.raises(ValueError, match="not a ranked list"):
        unpack_candidates(huge)
