"""The search for settings: it never looks at what is tested, and finds what suits the data."""

from dataclasses import replace

import numpy as np
import pytest

from recommendations.algorithms.als import AlsSettings
from recommendations.algorithms.blend import EngineSettings
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.splits import split_by_holdout
from recommendations.algorithms.tuning import tune

USERS, PRODUCTS = 120, 60


@pytest.fixture(scope="module")
def split():
    """Four tastes, no trend: what was popular lately says nothing."""
    generator = np.random.default_rng(2)
    pairs = [
        (user, int(product) + 15 * (user % 4), generator.uniform(0, 5e6))
        for user in range(USERS)
        for product in generator.choice(15, 8, replace=False)
    ]
    users, products, times = (np.array(column) for column in zip(*pairs, strict=True))
    ones = np.ones(len(users))
    return split_by_holdout(Interactions(users, products, ones, times, (USERS, PRODUCTS)), 0.25)


SETTINGS = EngineSettings(als=AlsSettings(factors=8), blend=(0.0, 0.0, 1.0))


def test_it_leaves_a_blend_that_does_not_suit(split):
    tuning = tune([split], SETTINGS, 10, lambda _: False)
    assert tuning.trials == 1
    assert tuning.first.settings.blend == SETTINGS.blend
    assert tuning.best.ndcg > 1.5 * tuning.first.ndcg
    assert tuning.best.settings.blend[2] < max(tuning.best.settings.blend[:2])


def test_it_goes_on_as_long_as_it_is_told_and_never_gets_worse(split):
    asked = []

    def go_on(trials):
        asked.append(trials)
        return trials < 4

    tuning = tune([split], SETTINGS, 10, go_on)
    assert (tuning.trials, asked) == (4, [1, 2, 3, 4])
    assert tuning.best.ndcg >= tune([split], SETTINGS, 10, lambda _: False).best.ndcg


def test_the_same_data_gives_the_same_settings(split):
    settings = replace(SETTINGS, blend=(1.0, 1.0, 0.5))
    first, second = (tune([split], settings, 10, lambda n: n < 3) for _ in range(2))
    assert first == second


def test_a_trial_on_several_splits_counts_their_mean(split):
    other = split_by_holdout(split.train, 0.25, seed=5)
    one, two, both = (
        tune(splits, SETTINGS, 10, lambda _: False) for splits in ([split], [other], [split, other])
    )
    assert both.trials == 1
    assert both.first.ndcg == pytest.approx((one.first.ndcg + two.first.ndcg) / 2)
