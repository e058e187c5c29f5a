"""Measure what a window teaches on its last part, and ask the gate."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import numpy as np

from recommendations.algorithms.alignment import align_model
from recommendations.algorithms.blend import EngineSettings, Given, fit_model
from recommendations.algorithms.evaluation import (
    Evaluation,
    bands_document,
    measure,
    measure_ndcg,
    to_document,
)
from recommendations.algorithms.gate import GateSettings, Verdict, find_fault, judge
from recommendations.algorithms.rolling import Outcomes, earlier_outcomes, outcomes_of, pool
from recommendations.algorithms.splits import Split, sample_users, split_by_time
from recommendations.models import TrainingRun
from recommendations.services.measured import Measured, read_measured
from recommendations.services.rows import Window

# The part of the window's events that a run is measured on, and on how many of its users at most.
MEASURED_SHARE = 0.1
MEASURED_USERS = 10_000
MEASURED_AT = 20
# Where that gives too few tests, so many parts before it are tested, too, each as long.
EARLIER = 3
# Windows of lengths that differ by more hold different numbers of events for no bad reason.
ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class Gating:
    """What the gate said; `measured` is the model it was shown, None where nobody was tested."""

    verdict: Verdict
    metrics: dict[str, Any] = field(default_factory=dict)
    measured: Measured | None = None


def find_window_fault(
    found: Window, run: TrainingRun, live: TrainingRun | None, settings: GateSettings
) -> str | None:
    """Why the window's events can't be trusted; None where they can."""
    interactions = found.interactions
    comparable = live is not None and _length_alike(run, live)
    events = live.events if live is not None and comparable else None
    return find_fault(interactions.weights, interactions.users, events, settings)


def _length_alike(one: TrainingRun, other: TrainingRun) -> bool:
    if one.window_start is None or other.window_start is None:
        return one.window_start is other.window_start
    lengths = [run.window_end - run.window_start for run in (one, other) if run.window_start]
    return abs(lengths[0] / lengths[1] - 1.0) <= ALIKE


def ask_gate(
    found: Window,
    engine: EngineSettings,
    live: TrainingRun | None,
    settings: GateSettings,
    *,
    cold: bool = False,
) -> Gating:
    """Fit without the window's last events, and see how well those are foreseen.

    The live run answers with what it was measured with itself: neither has seen the split's end.
    """
    times = found.interactions.times
    cut = float(np.quantile(times, 1.0 - MEASURED_SHARE))
    split = sample_users(split_by_time(found.interactions, cut), MEASURED_USERS)
    before = read_measured(live.pk) if live else None
    if before is not None and before.cut > cut:
        before = None  # it knows how the split ends
    rival = align_model(before.model, before.product_ids, found.product_ids) if before else None
    if not len(split.users):
        return _conclude(Evaluation(0, MEASURED_AT, {}), judge_nobody(settings), split)
    start = rival.factors.factors if rival is not None and not cold else None
    model = fit_model(split.train, engine, cut, Given(start, texts=found.texts))
    evaluation = measure(model, split, MEASURED_AT)
    theirs = measure_ndcg(rival, split, MEASURED_AT) if rival is not None else None
    tests = _test(found, engine, split, evaluation, settings)
    verdict = judge(evaluation, theirs, settings, live_led=_led(live), tests=tests)
    gating = _conclude(evaluation, verdict, split)
    return Gating(gating.verdict, gating.metrics, Measured(model, found.product_ids, cut))


def _test(
    found: Window,
    engine: EngineSettings,
    split: Split,
    evaluation: Evaluation,
    settings: GateSettings,
) -> Outcomes:
    """What the split's tests gave, and where they are too few, those on parts before it."""
    last = outcomes_of(evaluation, split)
    if evaluation.users < settings.least_users:
        return last
    shares = 1.0 - MEASURED_SHARE * np.arange(2, EARLIER + 2)
    cuts = [split.as_of, *np.quantile(found.interactions.times, shares).tolist()]
    given = Given(texts=found.texts)
    earlier = earlier_outcomes(found.interactions, engine, cuts, MEASURED_AT, given)
    return pool(chain([last], earlier), settings.many_tests)


def _led(live: TrainingRun | None) -> bool:
    """Whether `live` beat popularity by more than chance when it was measured."""
    if live is None:
        return False
    comparisons = live.metrics.get("gate", {}).get("comparisons", [])
    return any(one["against"] == "popularity" and one["low"] > 0 for one in comparisons)


def judge_nobody(settings: GateSettings) -> Verdict:
    """What the gate says where nobody can be tested."""
    return judge(Evaluation(0, MEASURED_AT, {}), None, settings)


def _conclude(evaluation: Evaluation, verdict: Verdict, split: Split) -> Gating:
    metrics: dict[str, Any] = {
        "users": evaluation.users,
        "split": datetime.fromtimestamp(split.as_of, UTC).isoformat(),
        "metrics": to_document(evaluation),
        "bands": bands_document(evaluation),
        "gate": {
            "refused": verdict.refused,
            "note": verdict.note,
            "comparisons": [asdict(one) for one in verdict.comparisons],
        },
    }
    return Gating(verdict, metrics)
