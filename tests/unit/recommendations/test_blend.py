"""The engine as a whole, on a small shop with two tastes."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recommendations.algorithms.als import fold_in
from recommendations.algorithms.blend import EngineSettings, fit_model, score_legs
from recommendations.algorithms.interactions import (
    Interactions,
    build_seen,
    build_user_items,
)
from recommendations.algorithms.item_knn import knn_queries
from recommendations.algorithms.ranking import exclude
from recommendations.algorithms.reasons import LEAST_SHARE
from recommendations.algorithms.recommending import BLOCK, recommend
from recommendations.algorithms.similar import rank_similar
from recommendations.algorithms.threads import LEAST_FOR_THREADS

USERS, PRODUCTS, DAY = 60, 24, 86_400.0


def two_tastes(seed=1):
    """Even users take 6 of the first 12 products, odd ones 6 of the others."""
    generator = np.random.default_rng(seed)
    taken = np.concatenate(
        [generator.choice(12, 6, False) + 12 * (user % 2) for user in range(USERS)]
    )
    return Interactions(
        np.repeat(np.arange(USERS), 6), taken.astype(np.int64), np.full(6 * USERS, 5.0),
        generator.uniform(0, 60 * DAY, 6 * USERS), (USERS, PRODUCTS),
    )  # fmt: skip


SETTINGS = EngineSettings()
AS_OF = 60 * DAY


@pytest.fixture(scope="module")
def shop():
    interactions = two_tastes()
    model = fit_model(interactions, SETTINGS, AS_OF)
    user_items = build_user_items(interactions, SETTINGS.confidence, AS_OF)
    return model, user_items, build_seen(interactions)


def test_shoppers_are_given_their_own_taste(shop):
    for user, ranking in enumerate(recommend(*shop, depth=5)):
        assert {product // 12 for product in ranking.products.tolist()} == {user % 2}


def test_what_was_seen_is_not_recommended(shop):
    seen = shop[2]
    for user, ranking in enumerate(recommend(*shop, depth=PRODUCTS)):
        assert not set(ranking.products.tolist()) & set(seen[user].indices.tolist())


def test_scores_descend_and_shorter_lists_begin_longer_ones(shop):
    for short, long in zip(recommend(*shop, depth=3), recommend(*shop, depth=9), strict=True):
        assert (np.diff(long.scores) <= 0).all()
        assert short.products.tolist() == long.products[:3].tolist()


def test_reasons_are_own_past_products_and_shares_of_a_whole(shop):
    _, user_items, _ = shop
    for user, ranking in enumerate(recommend(*shop, depth=5)):
        assert len(ranking.reasons) == len(ranking.products)
        for reason in ranking.reasons:
            assert 1 <= len(reason) <= SETTINGS.reasons
            assert {product for product, _ in reason} <= set(user_items[user].indices.tolist())
            shares = [share for _, share in reason]
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) <= 1.0001


def test_shares_are_the_parts_of_what_speaks_for_a_product(shop):
    model, user_items, seen = shop
    legs, free = score_legs(model, user_items), seen.toarray() == 0.0
    weighted = model.bm25.weigh(user_items * model.unit) * model.scale
    asked = knn_queries(user_items * model.unit, SETTINGS.knn)
    for user, ranking in enumerate(recommend(*shop, depth=5)):
        of_als, of_knn, of_trend = (
            weight / np.where(free[user], leg[user], 0.0).max()
            for weight, leg in zip(SETTINGS.blend, (legs.als, legs.knn, legs.recent), strict=True)
        )
        liked = weighted[user].indices
        _, parts = fold_in(model.factors, liked, weighted[user].data)
        for product, reasons in zip(ranking.products.tolist(), ranking.reasons, strict=True):
            speaking = of_als * (model.factors.factors[product] @ parts)
            speaking += of_knn * (
                asked[user, liked].toarray()[0] * model.kinship[liked, product].toarray()[:, 0]
            )
            speaking = np.maximum(speaking, 0.0)
            shares = speaking / (speaking.sum() + of_trend * legs.recent[user, product])
            order = np.argsort(-shares, kind="stable")[: SETTINGS.reasons]
            strongest = {int(liked[k]): float(shares[k]) for k in order if shares[k] >= LEAST_SHARE}
            assert dict(reasons) == pytest.approx(strongest, abs=1e-3)


def test_a_new_shopper_is_folded_in_like_a_known_one(shop):
    model, user_items, seen = shop
    alone = next(iter(recommend(model, user_items[7], seen[7], 5)))
    among = list(recommend(model, user_items, seen, 5))[7]
    assert alone.products.tolist() == among.products.tolist()
    assert alone.reasons == among.reasons


def test_threads_and_blocks_change_nothing(shop):
    model, user_items, seen = shop
    many = sp.vstack([user_items] * 20, format="csr"), sp.vstack([seen] * 20, format="csr")
    assert many[0].shape[0] > LEAST_FOR_THREADS * BLOCK
    one = replace(model, settings=replace(SETTINGS, als=replace(SETTINGS.als, threads=1)))
    two = replace(model, settings=replace(SETTINGS, als=replace(SETTINGS.als, threads=2)))
    for first, second in zip(recommend(one, *many, 5), recommend(two, *many, 5), strict=True):
        assert first.products.tolist() == second.products.tolist()
        assert first.reasons == second.reasons


def test_the_lists_are_those_of_the_scores_computed_the_long_way(shop):
    model, user_items, seen = shop
    legs = score_legs(model, user_items).scaled(seen)
    scores = sum(weight * leg for weight, leg in zip(SETTINGS.blend, legs, strict=True))
    exclude(scores, seen)
    for row, ranking in enumerate(recommend(*shop, depth=6)):
        assert np.allclose(ranking.scores, scores[row, ranking.products], atol=1e-5)
        assert np.allclose(np.sort(scores[row])[::-1][: len(ranking.scores)], ranking.scores)


def test_scale_of_weights_does_not_matter(shop):
    interactions = two_tastes()
    unbounded = replace(SETTINGS.confidence, max_confidence=1e6, max_total=1e9)
    settings = replace(SETTINGS, confidence=unbounded)
    louder = replace(interactions, weights=interactions.weights * 100)
    model = fit_model(louder, settings, AS_OF)
    user_items = build_user_items(louder, settings.confidence, AS_OF)
    pairs = zip(recommend(*shop, depth=5), recommend(model, user_items, shop[2], 5), strict=True)
    same = [one.products.tolist() == other.products.tolist() for one, other in pairs]
    assert np.mean(same) > 0.95


def test_similar_products_share_the_taste_and_leave_out_themselves(shop):
    for product, (columns, scores) in enumerate(rank_similar(shop[0], 5)):
        assert product not in columns.tolist()
        assert {column // 12 for column in columns.tolist()} == {product // 12}
        assert (np.diff(scores) <= 0).all()
