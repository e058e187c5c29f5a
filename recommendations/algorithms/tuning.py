"""Search for better settings of the engine on a split of what is to be learnt from.

What is searched is held back within the data itself, so that a test on later or held out data is
still a test. The order of trials is fixed: so many trials of the same data give the same answer.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.blend import (
    BATCH,
    EngineSettings,
    Given,
    Model,
    fit_model,
    score_legs,
)
from recommendations.algorithms.evaluation import settings_for
from recommendations.algorithms.interactions import build_seen, build_user_items
from recommendations.algorithms.metrics import find_hits, ndcg
from recommendations.algorithms.ranking import exclude, top_k
from recommendations.algorithms.splits import Split
from recommendations.algorithms.threads import single_threaded

# Weights of ALS, kNN and recent popularity; the first is the usual blend.
BLENDS = (
    (1.0, 1.0, 0.5), (1.0, 1.0, 0.0), (1.0, 0.5, 0.0), (1.0, 0.25, 0.0), (1.0, 0.0, 0.0),
    (0.5, 1.0, 0.0), (0.25, 1.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0, 0.25), (1.0, 1.0, 1.0),
    (1.0, 0.5, 0.25), (0.5, 1.0, 0.25),
)  # fmt: skip
# One at a time, from what was best so far: what each changes of ALS.
FACTORS = (32, 16, 128)
REGULARIZATIONS = (0.9, 1.3)
# Confidence and regularisation, which suit each other: more of the one bears less of the other.
STRENGTHS = ((1.0, 0.9), (2.0, 0.7), (3.0, 1.1), (0.1, 1.1))
LENGTHS = (0.0, 0.5)
TEXT_WEIGHTS = (0.0, 0.3, 3.0)
# What is not better by so much of the best so far is not worth leaving it for.
LEAST_GAIN = 0.005


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings and the nDCG that they reach on the split."""

    settings: EngineSettings
    ndcg: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a search found: the best, what it began with, and how many models were fitted."""

    best: Trial
    first: Trial
    trials: int


def tune(
    splits: Sequence[Split],
    settings: EngineSettings,
    k: int,
    go_on: Callable[[int], bool],
    texts: sp.csr_matrix | None = None,
) -> Tuning:
    """The best settings found, asking `go_on(trials so far)` before each next trial.

    Each trial is made on all of `splits` (at least one), and its figure is the mean: what differs
    between settings is less than what differs between two draws of what is held back. `texts`: see
    `Given`.
    """
    settings = settings_for(splits[0], settings)
    first, best = _try(splits, settings, k, texts)
    trials = 1
    for change in _changes(with_texts=texts is not None):
        if not go_on(trials):
            break
        _, found = _try(splits, change(best.settings), k, texts)
        trials += 1
        if found.ndcg > best.ndcg * (1.0 + LEAST_GAIN):
            best = found
    return Tuning(best, first, trials)


def _changes(*, with_texts: bool) -> Iterator[Callable[[EngineSettings], EngineSettings]]:
    steps: Iterator[Mapping[str, Any]] = itertools.chain(
        ({"confidence": value, "regularization": edge} for value, edge in STRENGTHS),
        ({"factors": value} for value in FACTORS),
        ({"regularization": value} for value in REGULARIZATIONS),
        ({"b": value} for value in LENGTHS),
    )
    yield from map(_change_of_als, steps)
    yield from map(_change_of_texts, TEXT_WEIGHTS if with_texts else ())


def _change_of_als(values: Mapping[str, Any]) -> Callable[[EngineSettings], EngineSettings]:
    return lambda settings: replace(settings, als=replace(settings.als, **values))


def _change_of_texts(weight: float) -> Callable[[EngineSettings], EngineSettings]:
    return lambda settings: replace(settings, text_weight=weight)


def _try(
    splits: Sequence[Split], settings: EngineSettings, k: int, texts: sp.csr_matrix | None
) -> tuple[Trial, Trial]:
    """A model for each split: with the blend of `settings`, and with the best of BLENDS."""
    blends = list(dict.fromkeys([settings.blend, *BLENDS]))
    found = []
    for split in splits:
        model = fit_model(split.train, settings, split.as_of, Given(texts=texts))
        with single_threaded():
            found.append(_ndcg_of_blends(model, split, blends, k))
    values = np.mean(found, axis=0)
    best = int(np.argmax(values))
    # The blend that it came with, unless another is better by more than chance would have it.
    if values[best] <= values[0] * (1.0 + LEAST_GAIN):
        best = 0
    chosen = Trial(replace(settings, blend=blends[best]), float(values[best]))
    return Trial(settings, float(values[0])), chosen


def _ndcg_of_blends(
    model: Model, split: Split, blends: list[tuple[float, float, float]], k: int
) -> NDArray[np.float64]:
    user_items = build_user_items(split.train, model.settings.confidence, split.as_of)
    seen = build_seen(split.train)
    ranked: list[list[NDArray[np.int64]]] = [[] for _ in blends]
    for start in range(0, len(split.users), BATCH):
        users = split.users[start : start + BATCH]
        legs = score_legs(model, user_items[users]).scaled(seen[users])
        for place, weights in enumerate(blends):
            scores = np.asarray(sum(w * leg for w, leg in zip(weights, legs, strict=True)))
            exclude(scores, seen[users])
            ranked[place].append(top_k(scores, k))
    counts = np.array([len(products) for products in split.relevant])
    return np.array([
        ndcg(find_hits(np.concatenate(lists), split.relevant), counts).mean() for lists in ranked
    ])  # fmt: skip
