"""Evaluate the engine on a file of interactions: no shop, no database."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from recommendations.algorithms.blend import EngineSettings
from recommendations.algorithms.evaluation import LIVE, Evaluation, evaluate
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.splits import (
    Split,
    sample_users,
    split_by_holdout,
    split_by_time,
)
from recommendations.algorithms.tuning import Tuning, tune
from recommendations.exceptions import UnreadableInteractionsError
from recommendations.services.interaction_files import read_named

# The search within the training part: how it splits by time, on how many users, how many models.
INNER_SHARE = 0.1
INNER_SEEDS = (11, 12, 13)
TUNED_USERS = 5_000
TRIALS = 12
MOST_WORK = 20_000_000

TextsOf = Callable[[Sequence[str]], sp.csr_matrix]

SPLIT_FORMS = "time:DATE (such as time:2011-08-01) or holdout:SHARE (such as holdout:0.25)"


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How to split: at the time `cut` (seconds since the epoch), or by the share held out."""

    cut: float | None = None
    share: float | None = None

    def apply(self, interactions: Interactions) -> Split:
        """The split of `interactions` under this rule."""
        if self.cut is not None:
            return split_by_time(interactions, self.cut)
        return split_by_holdout(interactions, self.share or 0.0)


def parse_split(text: str) -> SplitRule:
    """The rule that `text` names; ValueError, saying what to give, where it names none."""
    kind, _, value = text.partition(":")
    try:
        if kind == "time":
            moment = datetime.fromisoformat(value)
            return SplitRule(cut=moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
        if kind == "holdout" and 0 < (share := float(value)) < 1 and math.isfinite(share):
            return SplitRule(share=share)
    except ValueError:
        pass
    raise ValueError(f"--split {text!r}: give {SPLIT_FORMS}.")


@dataclass(frozen=True, slots=True)
class FileEvaluation:
    """What a file tells: the figures, and the search that chose the settings, where there was."""

    evaluation: Evaluation
    tuning: Tuning | None = None


def evaluate_file(
    path: Path,
    rule: SplitRule,
    k: int,
    *,
    tuned: bool | None = None,
    texts_of: TextsOf | None = None,
) -> FileEvaluation:
    """Every strategy's metrics on the interactions of `path`.

    `texts_of` says how much products of these names, in their order, read alike.

    `tuned`: whether settings are searched for first, on a split of the training part alone; None:
    where the split holds out a share of everybody's products, for the usual settings are made for
    shops that foresee. Raises UnreadableInteractionsError for a file that can't be read or that
    leaves nobody to test.
    """
    settings = EngineSettings()
    interactions, _, products = read_named(path, settings.confidence)
    split = rule.apply(interactions)
    if not len(split.users):
        raise UnreadableInteractionsError(
            f"{path}: this split leaves no user with a product that is new to them and known "
            "in training."
        )
    texts = texts_of(products) if texts_of else None
    tuning = None
    if (rule.share is not None) if tuned is None else tuned:
        tuning = _tune(split, rule, settings, k, texts)
    chosen = tuning.best.settings if tuning else settings
    return FileEvaluation(evaluate(split, chosen, k, texts), tuning)


def _tune(
    split: Split, rule: SplitRule, settings: EngineSettings, k: int, texts: sp.csr_matrix | None
) -> Tuning | None:
    """What a search on the training part finds; None where it leaves nobody to test."""
    train = split.train
    if rule.share is not None:
        splits = [split_by_holdout(train, rule.share, seed=seed) for seed in INNER_SEEDS]
    else:
        splits = [split_by_time(train, float(np.quantile(train.times, 1.0 - INNER_SHARE)))]
    splits = [sample_users(inner, TUNED_USERS) for inner in splits if len(inner.users)]
    if not splits:
        return None
    # The work is bounded by what there is to learn from, so that the same file gives the same.
    most = max(1, min(TRIALS, int(MOST_WORK / max(len(splits) * len(train), 1))))
    return tune(splits, settings, k, lambda trials: trials < most, texts)


__all__ = ["LIVE", "FileEvaluation", "SplitRule", "evaluate_file", "parse_split"]
