"""What each event says about a shopper's liking."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from recommendations.algorithms.interactions import (
    DAY_SECONDS,
    TYPE_CODES,
    ConfidenceSettings,
    Interactions,
    build_seen,
    build_user_items,
    cap_products,
    cap_totals,
    weigh_events,
)
from recommendations.algorithms.item_knn import longest_history

PLAIN = ConfidenceSettings(half_life_days=None)


def interactions(rows, shape=(3, 4), settings=PLAIN):
    """Rows of (user, product, type, quantity, days ago)."""
    users, products, types, quantities, ages = map(np.array, zip(*rows, strict=True))
    codes = np.array([TYPE_CODES[name] for name in types])
    weights = weigh_events(codes, quantities.astype(float), settings)
    return Interactions(
        users.astype(np.int64), products.astype(np.int64), weights,
        -ages.astype(float) * DAY_SECONDS, shape,
    )  # fmt: skip


def confidence(rows, settings=PLAIN):
    return build_user_items(interactions(rows, settings=settings), settings, as_of=0.0)


def test_purchase_says_more_than_cart_and_cart_more_than_view():
    found = confidence(
        [(0, 0, "purchase", 1, 0), (0, 1, "add_to_cart", 1, 0), (0, 2, "view", 1, 0)]
    )
    assert found.toarray()[0].tolist() == [5.0, 3.0, 1.0, 0.0]


def test_quantities_count_by_their_logarithm():
    found = confidence([(0, 0, "purchase", 1000, 0)])
    assert found[0, 0] == pytest.approx(5 * (1 + np.log(1000)))


def test_an_event_one_half_life_old_counts_half():
    settings = ConfidenceSettings(half_life_days=10.0)
    found = confidence([(0, 0, "purchase", 1, 10), (0, 1, "purchase", 1, 20)], settings)
    assert found.toarray()[0, :2].tolist() == pytest.approx([2.5, 1.25])


def test_however_old_an_event_still_counts_a_little():
    settings = ConfidenceSettings(half_life_days=10.0, oldest_counts=0.05)
    assert confidence([(0, 0, "purchase", 1, 5000)], settings)[0, 0] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("taken", "given_back"), [("purchase", "return"), ("add_to_cart", "remove_from_cart")]
)
def test_what_was_given_back_is_not_liked(taken, given_back):
    found = confidence([(0, 0, taken, 3, 5), (0, 0, given_back, 3, 1), (0, 1, "view", 1, 0)])
    assert found.indices.tolist() == [1]


def test_what_is_of_no_interest_outweighs_a_purchase():
    assert confidence([(0, 0, "purchase", 1, 1), (0, 0, "not_interested", 1, 0)]).nnz == 0


def test_a_million_views_are_capped():
    rows = [(0, 0, "view", 1, 0)] * 100_000
    assert confidence(rows)[0, 0] == PLAIN.max_confidence


def test_a_shopper_of_everything_keeps_the_strongest_products():
    settings = ConfidenceSettings(half_life_days=None, max_products_per_user=2)
    rows = [(0, 0, "view", 1, 0), (0, 1, "purchase", 1, 0), (0, 2, "add_to_cart", 1, 0)]
    assert sorted(confidence(rows, settings).indices) == [1, 2]


def test_what_was_given_back_is_still_known():
    rows = [(0, 0, "purchase", 1, 5), (0, 0, "return", 1, 1), (1, 2, "view", 1, 0)]
    assert build_seen(interactions(rows)).toarray().tolist() == [
        [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0],
    ]  # fmt: skip


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 3), st.sampled_from(list(TYPE_CODES)),
        st.integers(1, 10**6), st.integers(0, 10_000),
    ),
    min_size=1,
)  # fmt: skip


@given(ROWS, st.randoms())
def test_confidences_are_positive_bounded_and_independent_of_order(rows, random):
    settings = ConfidenceSettings()
    found = confidence(rows, settings)
    assert np.isfinite(found.data).all()
    assert (found.data > 0).all()
    assert (found.data <= settings.max_confidence).all()
    random.shuffle(rows)
    np.testing.assert_allclose(confidence(rows, settings).toarray(), found.toarray(), atol=1e-9)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(1, 3_000))
def test_long_histories_are_cut_so_that_pairs_stay_within_bounds(lengths, most):
    rows = [np.arange(length) for length in lengths]
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    columns = np.concatenate([*rows, []]).astype(int)
    matrix = sp.csr_matrix((np.ones(len(columns)), columns, pointers), shape=(len(lengths), 40))
    longest = longest_history(matrix, most)

    def pairs(cap):
        return sum(min(length, cap) ** 2 for length in lengths)

    assert pairs(longest) <= max(most, len(lengths))
    assert longest >= max(lengths) or pairs(longest + 1) > most
    assert np.diff(cap_products(matrix, longest).indptr).max() <= longest


def test_the_strongest_products_of_a_long_history_are_kept():
    matrix = sp.csr_matrix([[1.0, 5.0, 3.0, 0.0, 5.0], [2.0, 0.0, 0.0, 0.0, 0.0]])
    capped = cap_products(matrix, 2)
    assert capped.toarray().tolist() == [[0, 5, 0, 0, 5], [2, 0, 0, 0, 0]]
    assert matrix.nnz == 5


def test_all_that_one_shopper_says_is_bounded_and_others_are_left_alone():
    rows = sp.csr_matrix(np.array([[100.0, 300.0, 0.0], [1.0, 0.0, 5.0], [0.0, 0.0, 0.0]]))
    found = cap_totals(rows, 40.0)
    assert found.toarray().tolist() == [[10.0, 30.0, 0.0], [1.0, 0.0, 5.0], [0.0, 0.0, 0.0]]
    assert cap_totals(rows, 400.0) is rows


def test_a_million_views_speak_no_louder_than_an_eager_customer():
    robot, settings = 1, ConfidenceSettings(half_life_days=None, max_total=150.0)
    rows = [(robot, product, "view", 1, 0) for product in range(4) for _ in range(250)]
    found = confidence([*rows, (0, 0, "purchase", 1, 0)], settings)
    assert found[robot].sum() == pytest.approx(150.0)
    assert found[robot].nnz == 4
    assert found[0, 0] == 5.0
