"""Evaluate the engine on a file of interactions: no shop, no database."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recommendations.algorithms.blend import EngineSettings
from recommendations.algorithms.evaluation import LIVE, Evaluation, evaluate
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.splits import Split, split_by_holdout, split_by_time
from recommendations.exceptions import UnreadableInteractionsError
from recommendations.services.interaction_files import read_interactions

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


def evaluate_file(
    path: Path, rule: SplitRule, k: int, settings: EngineSettings | None = None
) -> Evaluation:
    """Every strategy's metrics on the interactions of `path`.

    Raises UnreadableInteractionsError for a file that can't be read or that leaves nobody to test.
    """
    settings = settings or EngineSettings()
    interactions = read_interactions(path, settings.confidence)
    split = rule.apply(interactions)
    if not len(split.users):
        raise UnreadableInteractionsError(
            f"{path}: this split leaves no user with a product that is new to them and known "
            "in training."
        )
    return evaluate(split, settings, k)


__all__ = ["LIVE", "SplitRule", "evaluate_file", "parse_split"]
