"""ALS that goes on from factors learnt before, and models seen from other products."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recommendations.algorithms.alignment import align_model
from recommendations.algorithms.als import AlsSettings, fit_als, fold_in
from recommendations.algorithms.blend import EngineSettings, fit_model, score_legs
from recommendations.algorithms.interactions import Interactions, build_user_items

SETTINGS = AlsSettings(factors=8)


@pytest.fixture
def weighted():
    generator = np.random.default_rng(3)
    tastes = generator.random((120, 4)) @ generator.random((4, 60))
    return sp.csr_matrix(np.where(tastes > np.quantile(tastes, 0.8), 1.0, 0.0))


def scores(factors, weighted):
    """What everybody would be shown, from their own row folded in."""
    rows = [fold_in(factors, row.indices, row.data)[0] for row in weighted]
    return np.array(rows) @ factors.factors.T


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_start_gives_the_same_factors(weighted, threads):
    start = fit_als(weighted, SETTINGS).factors
    settings = replace(SETTINGS, threads=threads)
    first, second = (fit_als(weighted, settings, start).factors for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(first, fit_als(weighted, SETTINGS, start).factors)


def test_a_few_warm_iterations_get_as_far_as_many_cold_ones(weighted):
    older = weighted.copy()
    older.data[::10] = 0.0
    older.eliminate_zeros()
    start = fit_als(older, SETTINGS).factors
    cold, warm = fit_als(weighted, SETTINGS), fit_als(weighted, SETTINGS, start)
    agreement = np.corrcoef(scores(warm, weighted).ravel(), scores(cold, weighted).ravel())
    assert agreement[0, 1] > 0.99


def test_a_start_of_another_width_is_not_used(weighted):
    assert np.array_equal(
        fit_als(weighted, SETTINGS, np.ones((60, 4), np.float32)).factors,
        fit_als(weighted, SETTINGS).factors,
    )


def test_a_new_product_starts_from_noise_and_learns(weighted):
    start = fit_als(weighted, SETTINGS).factors.copy()
    start[5] = 0.0
    warm = fit_als(weighted, SETTINGS, start).factors
    assert np.isfinite(warm).all()
    assert np.linalg.norm(warm[5]) > 0.1 * np.linalg.norm(warm, axis=1).mean()


def test_an_aligned_model_scores_what_it_knows_as_before():
    generator = np.random.default_rng(1)
    users, products = generator.integers(0, 30, 400), generator.integers(0, 12, 400)
    seen = Interactions(users, products, np.ones(400), np.zeros(400), (30, 12))
    settings = EngineSettings(als=AlsSettings(factors=4))
    model = fit_model(seen, settings, 0.0)
    known = np.arange(12) * 10
    wanted = np.array([-5, *known[:-1], 55, 200])  # the last is gone, three are new
    aligned = align_model(model, known, np.sort(wanted))
    places = np.searchsorted(np.sort(wanted), known[:-1])
    rows = build_user_items(seen, settings.confidence, 0.0)[:, :-1]
    moved = sp.csr_matrix((30, 14))
    moved = sp.csr_matrix(rows @ sp.csr_matrix((np.ones(11), (np.arange(11), places)), (11, 14)))
    padded = sp.csr_matrix(sp.hstack([rows, sp.csr_matrix((30, 1))]))
    before, after = score_legs(model, padded), score_legs(aligned, moved)
    assert np.allclose(before.knn[:, :-1], after.knn[:, places], rtol=1e-3)
    assert not after.als[:, [0, 13]].any()
