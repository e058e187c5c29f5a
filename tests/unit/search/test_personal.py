"""Preferred categories lift a product, within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.fusion import Candidate, order_candidates
from search.algorithms.personal import MAX_BOOST, boost_preferred

found = [Candidate(n, 1 / (60 + n)) for n in range(1, 31)]
categories = {n: n % 3 for n in range(1, 31)}


def test_the_most_preferred_category_gains_most():
    boosted = boost_preferred(found, categories, {1: 4.0, 2: 1.0})
    boosts = {categories[c.product_id]: c.boost for c in boosted}
    assert boosts == {0: 0, 1: pytest.approx(MAX_BOOST), 2: pytest.approx(MAX_BOOST / 4)}


def test_a_liked_product_overtakes_near_ones_only():
    order = [c.product_id for c in boost_preferred(found, categories, {1: 1.0})]
    assert order[0] == 1
    assert order.index(4) < order.index(2)
    assert order.index(28) > order.index(2)


@given(st.dictionaries(st.integers(0, 3), st.floats(-5, 1e6, allow_nan=False)))
def test_nothing_is_lost_and_boosts_are_bounded(weights):
    boosted = boost_preferred(found, categories, weights)
    assert {c.product_id for c in boosted} == {c.product_id for c in found}
    assert all(0 <= c.boost <= MAX_BOOST for c in boosted)
    assert boosted == order_candidates(boosted)
