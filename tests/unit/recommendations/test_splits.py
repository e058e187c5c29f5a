"""Splits: what is tested on is new to its user, known in training, and not trained on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.algorithms.blend import EngineSettings
from recommendations.algorithms.evaluation import STRATEGIES, evaluate
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.splits import sample_users, split_by_holdout, split_by_time


def interactions(rows, shape=(6, 8)):
    """Rows of (user, product, weight, time)."""
    users, products, weights, times = (np.array(column) for column in zip(*rows, strict=True))
    return Interactions(users, products, weights.astype(float), times.astype(float), shape)


def test_a_split_by_time_by_hand():
    split = split_by_time(
        interactions([
            (0, 0, 1, 1), (0, 1, 1, 2), (1, 2, 1, 3),  # before
            (0, 0, 1, 11),  # not new to user 0
            (0, 2, 1, 12),  # new, known: the one that counts
            (0, 3, 1, 13),  # unknown in training
            (0, 2, -1, 14),  # a return is no gain
            (2, 0, 1, 15),  # user 2 is unknown
        ]),
        cut=10,
    )  # fmt: skip
    assert split.users.tolist() == [0]
    assert [row.tolist() for row in split.relevant] == [[2]]
    assert len(split.train) == 3


ROWS = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(0, 7), st.sampled_from([-1.0, 1.0, 3.0]), st.integers(0, 20)
    ),
    min_size=1, max_size=80,
)  # fmt: skip


@settings(deadline=None)
@given(ROWS, st.sampled_from(["time", "holdout"]))
def test_what_is_tested_is_new_and_known(rows, kind):
    found = interactions(rows)
    split = split_by_time(found, 10) if kind == "time" else split_by_holdout(found, 0.25)
    trained = set(zip(split.train.users.tolist(), split.train.products.tolist(), strict=True))
    known = {product for _, product in trained}
    everything = set(zip(found.users.tolist(), found.products.tolist(), strict=True))
    for user, products in zip(split.users.tolist(), split.relevant, strict=True):
        assert len(products)
        for product in products.tolist():
            assert (user, product) not in trained
            assert (user, product) in everything
            assert product in known


def test_a_holdout_takes_its_share_of_every_user():
    rows = [(user, product, 1.0, 0) for user in range(6) for product in range(8)]
    split = split_by_holdout(interactions(rows), 0.25)
    assert np.bincount(split.train.users).tolist() == [6] * 6
    assert not split.fades


def test_every_strategy_is_measured_and_tastes_beat_popularity():
    generator = np.random.default_rng(5)
    rows = [
        (user, int(product) + 20 * (user % 2), 1.0, generator.uniform(0, 100) * 86_400)
        for user in range(80)
        for product in generator.choice(20, 10, replace=False)
    ]
    found = interactions(rows, (80, 40))
    result = evaluate(split_by_time(found, 70 * 86_400), EngineSettings(), 10)
    assert tuple(result.metrics) == STRATEGIES
    assert set(result.metrics["als"]) == {
        "ndcg@10", "recall@10", "map", "novelty@10", "coverage@10",
    }  # fmt: skip
    popular = result.metrics["popularity"]["ndcg@10"].value
    for name in ("item_knn", "als", "blend"):
        assert result.metrics[name]["ndcg@10"].value > 1.3 * popular


@pytest.mark.parametrize("cut", [-1, 1e12])
def test_a_split_that_leaves_nobody_has_no_metrics(cut):
    split = split_by_time(interactions([(0, 0, 1, 5), (0, 1, 1, 6)]), cut)
    assert evaluate(split, EngineSettings(), 10).users == 0


def test_a_sample_keeps_users_with_what_they_took():
    split = split_by_holdout(interactions([(u, p, 1, 0) for u in range(6) for p in range(8)]), 0.25)
    sample = sample_users(split, 3)
    assert len(sample.users) == len(sample.relevant) == 3
    of = dict(zip(split.users.tolist(), split.relevant, strict=True))
    for user, relevant in zip(sample.users.tolist(), sample.relevant, strict=True):
        assert relevant.tolist() == of[user].tolist()
