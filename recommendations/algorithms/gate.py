"""The gate: whether what was just trained may take the place of what is live.

A window is refused that can't be trusted; a model, that does worse than the live one or no better
than popularity on the same split. Both are told with the reason.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommendations.algorithms import metrics
from recommendations.algorithms.evaluation import LIVE, Evaluation
from recommendations.algorithms.rolling import POPULARITY, Outcomes


@dataclass(frozen=True, slots=True)
class GateSettings:
    """How strict the gate is.

    `tolerance` is the part of the live one's nDCG that a model may fall behind; `least_users` must
    be tested, or nothing is concluded. A window must hold `least_events` of the events that the
    live one's held, and no shopper with `many_events` more than `most_of_one` of them. With
    `many_tests`, a lead over popularity must be more than chance.
    """

    tolerance: float = 0.05
    least_users: int = 30
    many_tests: int = 200
    least_events: float = 0.5
    most_of_one: float = 0.5
    many_events: int = 5_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """Paired over the same users: by how much nDCG differs from `against`, whose own is `base`."""

    against: str
    base: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refused` is the reason why a model may not go live, None where it may."""

    refused: str | None = None
    note: str = ""
    comparisons: list[Comparison] = field(default_factory=list)


def find_fault(
    weights: NDArray[np.float64],
    users: NDArray[np.int64],
    live_events: int | None,
    settings: GateSettings,
) -> str | None:
    """Why a window's events, n `weights` of n `users`, can't be trusted; None where they can."""
    if strange := int(np.count_nonzero(~np.isfinite(weights))):
        return f"{strange:,} of the window's weights are not finite numbers"
    events = len(weights)
    if live_events and events < settings.least_events * live_events:
        return (
            f"the window holds {events:,} events, where the live run's held {live_events:,}: "
            f"less than {settings.least_events:.0%} of them"
        )
    most = int(np.bincount(users).max(initial=0)) if events else 0
    if most >= settings.many_events and most > settings.most_of_one * events:
        return (
            f"one shopper did {most:,} of the window's {events:,} events, more than "
            f"{settings.most_of_one:.0%}: a robot, or a test that was forgotten"
        )
    return None


def judge(
    evaluation: Evaluation,
    live: NDArray[np.float64] | None,
    settings: GateSettings,
    *,
    live_led: bool = False,
    tests: Outcomes | None = None,
) -> Verdict:
    """Whether the evaluated model may go live; `live` is the live one's nDCG of the same users.

    `live_led`: whether the live one beat popularity by more than chance when it was measured.
    `tests`: what popularity is judged by, where that is more than the evaluation.
    """
    if evaluation.users < settings.least_users:
        return Verdict(
            note=f"not measured: {evaluation.users} users could be tested, and the gate asks for "
            f"{settings.least_users}"
        )
    mine = evaluation.ndcg[LIVE]
    pair = (mine, evaluation.ndcg[POPULARITY]) if tests is None else tests.by_user()
    comparisons = [compare(POPULARITY, *pair)]
    if live is not None:
        comparisons.append(compare("live", mine, live))
    # In a window of events without sense nobody foresees anything: half of what is trained on such
    # windows lead popularity by a hair.
    count = len(mine) if tests is None else len(tests)
    surely = live_led or count >= settings.many_tests
    reason = _reason(comparisons, evaluation.k, settings, surely=surely)
    return Verdict(reason, _tell(tests), comparisons)


def _tell(tests: Outcomes | None) -> str:
    if tests is None or tests.splits == 1:
        return ""
    return (
        f"few users could be tested on the window's end: popularity is judged by {len(tests)} "
        f"tests of {tests.people} users on its last {tests.splits} parts"
    )


def _reason(
    comparisons: list[Comparison], k: int, settings: GateSettings, *, surely: bool
) -> str | None:
    for one in comparisons:
        value = one.base + one.difference
        told = (
            f"nDCG@{k} is {value:.4f} where {one.against} has {one.base:.4f} "
            f"(difference {one.difference:+.4f} [{one.low:+.4f}, {one.high:+.4f}])"
        )
        if one.against == POPULARITY and one.difference <= 0:
            return f"no better than popularity: {told}"
        if one.against == POPULARITY and surely and one.low <= 0:
            return f"better than popularity by chance at most: {told}"
        # Worse by more than is tolerated, and not by the chance of who was tested.
        worse = one.difference < -settings.tolerance * one.base and one.high < 0
        if one.against == "live" and worse:
            return f"worse than the live run, by more than {settings.tolerance:.0%}: {told}"
    return None


def compare(against: str, mine: NDArray[np.float64], base: NDArray[np.float64]) -> Comparison:
    """The mean of the paired differences with its 95 % bootstrap interval."""
    found = metrics.estimate(mine - base)
    return Comparison(against, float(base.mean()), found.value, found.low, found.high)
