"""A shopper's taste: what suits, and how far it moves."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.algorithms.rules import shift_ranks
from search.algorithms.tastes import MAX_PLACES, ProductFacts, learn_taste, shifts_for

SHOE = ProductFacts(category_id=1, brand_id=1, price=50.0)


def test_nothing_liked_is_no_taste():
    assert learn_taste([]) is None
    assert learn_taste([(SHOE, -1.0)]) is None
    assert learn_taste([(SHOE, 1.0), (SHOE, -5.0)]) is None


def test_what_is_like_the_liked_suits_best():
    taste = learn_taste([(SHOE, 5.0)])
    other_brand = ProductFacts(1, 2, 50.0)
    other_category = ProductFacts(2, 1, 50.0)
    assert taste.suits(SHOE) > taste.suits(other_brand) > taste.suits(ProductFacts(2, 2, 50.0))
    assert taste.suits(SHOE) > taste.suits(other_category) > 0


def test_a_price_far_from_the_usual_suits_less_and_only_within_its_category():
    taste = learn_taste([(SHOE, 5.0), (ProductFacts(1, 1, 60.0), 5.0)])
    near, far = ProductFacts(1, 1, 65.0), ProductFacts(1, 1, 500.0)
    assert taste.suits(SHOE) > taste.suits(near) > taste.suits(far)
    elsewhere = [taste.suits(ProductFacts(9, 1, price)) for price in (50.0, 500.0)]
    assert elsewhere[0] == elsewhere[1]


def test_more_behaviour_is_trusted_more_but_never_wholly():
    one, many = learn_taste([(SHOE, 1.0)]), learn_taste([(SHOE, 1.0)] * 50)
    assert one.suits(SHOE) < many.suits(SHOE) < 1


@pytest.mark.parametrize("price", [5e-324, 1e308])
def test_the_smallest_and_the_greatest_price_suit_like_any_far_one(price):
    taste = learn_taste([(SHOE, 5.0)])
    assert taste.suits(ProductFacts(1, 1, price)) == taste.suits(ProductFacts(1, 1, 500.0))
    assert learn_taste([(ProductFacts(1, 1, price), 5.0)]).suits(SHOE) > 0


keys = st.none() | st.integers(1, 5)
facts = st.builds(ProductFacts, keys, keys, st.floats(0, 1e6))


@example([(ProductFacts(1, 1, 1.0), 1.0)], {1: ProductFacts(1, 1, 5e-324)})
@given(
    st.lists(st.tuples(facts, st.floats(-5, 5)), max_size=20),
    st.dictionaries(st.integers(1, 60), facts, max_size=40),
)
def test_no_product_moves_farther_than_the_bound(liked, known):
    taste = learn_taste(liked)
    shifts = shifts_for(taste, known) if taste else {}
    assert all(0 < shift <= MAX_PLACES for shift in shifts.values())
    order = list(known)
    moved = shift_ranks(order, shifts)
    assert sorted(moved) == sorted(order)
    assert all(abs(moved.index(p) - order.index(p)) <= MAX_PLACES for p in order)
