"""Fold-in and explanations agree with the library's own."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares

from recommendations.algorithms.als import (
    LEAST_PAIRS,
    AlsSettings,
    ProductFactors,
    fit_als,
    fold_in,
    invert_lower,
)

SETTINGS = AlsSettings(factors=8, iterations=5, regularization=0.1, threads=1)


@pytest.fixture(scope="module")
def user_items():
    return sp.random(60, 40, density=0.15, random_state=3, format="csr") * 4.0


@pytest.fixture(scope="module")
def reference(user_items):
    model = AlternatingLeastSquares(factors=8, regularization=0.1, random_state=7, num_threads=1)
    model.fit(user_items.astype(np.float32), show_progress=False)
    return model


def test_fold_in_is_what_the_library_recalculates(user_items, reference):
    products = ProductFactors(reference.item_factors, 0.1)
    row = user_items[5]
    factors, _ = fold_in(products, row.indices, row.data)
    expected = reference.recalculate_user(5, row.astype(np.float32))
    np.testing.assert_allclose(factors, expected, atol=1e-4)


def test_parts_are_what_the_library_explains(user_items, reference):
    products = ProductFactors(reference.item_factors, 0.1)
    row = user_items[5]
    _, parts = fold_in(products, row.indices, row.data)
    contributions = reference.item_factors[11] @ parts
    total, explained, _ = reference.explain(5, user_items, 11, N=100)
    assert contributions.sum() == pytest.approx(total, abs=1e-4)
    ours = dict(zip(row.indices.tolist(), contributions, strict=True))
    for product, share in explained:
        assert ours[product] == pytest.approx(share, abs=1e-4)


def test_a_shopper_without_history_has_no_taste(reference):
    nobody, parts = fold_in(
        ProductFactors(reference.item_factors, 0.1), np.array([], int), np.array([])
    )
    assert not nobody.any()
    assert parts.shape == (8, 0)


def test_the_same_seed_gives_the_same_factors(user_items):
    first, second = fit_als(user_items, SETTINGS), fit_als(user_items, SETTINGS)
    np.testing.assert_array_equal(first.factors, second.factors)


def test_threads_do_not_change_the_factors():
    many = sp.random(1_000, 700, density=0.1, random_state=3, format="csr") * 4.0
    assert many.nnz > LEAST_PAIRS, "or one thread does it all"
    one, three = (fit_als(many, replace(SETTINGS, threads=n)).factors for n in (1, 3))
    np.testing.assert_array_equal(one, three)


def test_factors_are_what_the_library_learns(user_items):
    settings = replace(SETTINGS, solver_steps=3)
    ours = fit_als(user_items, settings)
    theirs = AlternatingLeastSquares(
        factors=8, regularization=ours.regularization, iterations=5, random_state=7, num_threads=1
    )
    theirs.fit(user_items.astype(np.float32), show_progress=False)
    np.testing.assert_allclose(ours.factors, theirs.item_factors, atol=1e-4)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_confidences_that_overflow_are_refused(user_items):
    with pytest.raises(FloatingPointError):
        fit_als(user_items * 1e30, SETTINGS)


@pytest.mark.parametrize("size", [1, 2, 7, 16, 20, 48, 50, 64])
def test_lower_triangular_matrices_are_inverted(size):
    generator = np.random.default_rng(size)
    lower = np.tril(generator.normal(size=(3, size, size))) + 3 * np.sqrt(size) * np.eye(size)
    inverse = invert_lower(lower)
    np.testing.assert_allclose(
        inverse @ lower, np.broadcast_to(np.eye(size), lower.shape), atol=1e-9
    )
    assert not np.triu(inverse, 1).any()
