"""Rolling origin: what models of a window's earlier parts foresaw of the parts that follow.

Where few users can be tested on the last part of a window, more tests tell a lead from chance.
Tashman (2000), "Out-of-sample tests of forecasting accuracy", doi 10.1016/S0169-2070(00)00065-0.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommendations.algorithms.blend import EngineSettings, Given, fit_model
from recommendations.algorithms.evaluation import LIVE, Evaluation, measure
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.splits import Split, split_by_time

POPULARITY = "popularity"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What n tests of `users` (n,) on so many `splits` gave, in nDCG (n,); a user may have several.

    Tests of the same user resemble each other, so users are what is counted by: see `by_user`.
    """

    users: NDArray[np.int64]
    mine: NDArray[np.float64]
    popularity: NDArray[np.float64]
    splits: int = 1

    def __len__(self) -> int:
        return len(self.users)

    @property
    def people(self) -> int:
        """How many users were tested."""
        return len(np.unique(self.users))

    def by_user(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each user's mean of `mine` and of `popularity`, ascending users."""
        _, numbers, counts = np.unique(self.users, return_inverse=True, return_counts=True)
        mine, popularity = (
            np.bincount(numbers, values, minlength=len(counts)) / counts
            for values in (self.mine, self.popularity)
        )
        return mine, popularity


def outcomes_of(evaluation: Evaluation, split: Split) -> Outcomes:
    """What one evaluation gave, of the users of `split`."""
    ndcg = evaluation.ndcg
    return Outcomes(split.users, ndcg[LIVE], ndcg[POPULARITY])


def earlier_outcomes(
    interactions: Interactions,
    settings: EngineSettings,
    cuts: Sequence[float],
    k: int,
    given: Given | None = None,
) -> Iterator[Outcomes]:
    """Those of models that end at each of the falling `cuts` but the first, one by one.

    Each is tested on what comes before the cut above its own, and none knows that: `given` must
    hold nothing that was learnt from the interactions.
    """
    for end, cut in pairwise(cuts):
        split = split_by_time(interactions.select(interactions.times < end), cut)
        if len(split.users):
            model = fit_model(split.train, settings, cut, given or Given())
            yield outcomes_of(measure(model, split, k), split)


def pool(outcomes: Iterable[Outcomes], enough: int) -> Outcomes:
    """The first of `outcomes`, at least one, until there are `enough` tests."""
    found: list[Outcomes] = []
    for one in outcomes:
        found.append(one)
        if sum(map(len, found)) >= enough:
            break
    return Outcomes(
        np.concatenate([one.users for one in found]),
        np.concatenate([one.mine for one in found]),
        np.concatenate([one.popularity for one in found]),
        len(found),
    )
