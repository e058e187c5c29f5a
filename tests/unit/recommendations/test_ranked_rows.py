"""Blend and best of shoppers' scores, beside what numpy says of them the long way."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from recommendations.algorithms.ranked_rows import Best, Shop, Shoppers, make_room, rank_rows
from recommendations.algorithms.sparse_rows import as_rows

SHOPPERS = 3


def draw(products, seed, levels):
    """Scores of few or many different values, so that some are equal, and what else is asked."""
    generator = np.random.default_rng(seed)
    scores = generator.integers(-levels, levels, (SHOPPERS, products)).astype(np.float32) / levels
    recent = generator.integers(0, levels, products).astype(np.float64)
    kinship, asked, seen = (
        sp.random(rows, products, density=0.2, random_state=generator, format="csr")
        for rows in (products, SHOPPERS, SHOPPERS)
    )
    return scores, recent, kinship, asked, seen


def rank(drawn, depth, weights, room=None):
    scores, recent, kinship, asked, seen = drawn
    order = np.argsort(-recent, kind="stable")
    weights = np.array(weights, dtype=np.float32)
    shop = Shop(recent.astype(np.float32), order, weights)
    shape = (SHOPPERS, depth)
    best = Best(
        np.empty(shape, np.int64), np.empty(shape, np.float32), np.empty((SHOPPERS, 3), np.float32)
    )
    room = room or make_room(len(recent))
    shoppers = Shoppers(as_rows(asked), as_rows(kinship[asked.indices]), as_rows(seen))
    rank_rows(shop, shoppers, scores.copy(), best, room)
    return best


def blend(drawn, weights):
    """Each leg divided by its best that is not seen, and summed; seen products score nothing."""
    scores, recent, kinship, asked, seen = drawn
    legs = np.maximum(scores, 0.0), (asked @ kinship).toarray(), np.tile(recent, (SHOPPERS, 1))
    free = seen.toarray() == 0.0
    total = np.zeros(scores.shape)
    for weight, leg in zip(weights, legs, strict=True):
        greatest = np.where(free, leg, 0.0).max(axis=1, keepdims=True)
        total += weight * leg / np.where(greatest > 0, greatest, 1.0)
    return np.where(free, total, 0.0)


@pytest.mark.parametrize("products", [7, 40, 700])
@pytest.mark.parametrize("depth", [1, 6])
def test_the_blend_is_that_of_the_long_way(products, depth):
    drawn, weights = draw(products, 1, 1_000), (1.0, 0.7, 0.4)
    expected, best = blend(drawn, weights), rank(drawn, depth, weights)
    np.testing.assert_allclose(best.scores, -np.sort(-expected)[:, :depth], atol=1e-5)
    shown, rows = best.columns >= 0, np.arange(SHOPPERS)[:, None]
    np.testing.assert_array_equal(shown, best.scores > 0)
    found = np.where(shown, expected[rows, best.columns], 0.0)
    np.testing.assert_allclose(found, best.scores, atol=1e-5)


@given(st.integers(1, 900), st.integers(1, 12), st.integers(0, 99), st.sampled_from([1, 3, 500]))
def test_the_best_positive_scores_stand_in_order_and_equal_ones_by_column(
    products, depth, seed, levels
):
    drawn = draw(products, seed, levels)
    best = rank(drawn, min(depth, products), (1.0, 0.0, 0.0))
    scores = np.where(drawn[4].toarray() == 0.0, drawn[0], 0.0)
    for row in range(SHOPPERS):
        order = np.argsort(-scores[row], kind="stable")[: min(depth, products)]
        expected = np.where(scores[row, order] > 0, order, -1)
        assert best.columns[row].tolist() == expected.tolist()


def test_room_is_left_as_it_was_found():
    drawn, weights = draw(300, 2, 50), (1.0, 1.0, 0.5)
    room = make_room(300)
    first, second = (rank(drawn, 6, weights, room) for _ in range(2))
    assert not room.together.any()
    assert not room.hidden.any()
    np.testing.assert_array_equal(first.scores, second.scores)
