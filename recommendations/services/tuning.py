"""Search for better settings on the shop's own events, and keep what was found."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction

from recommendations.algorithms.splits import sample_users, split_by_time
from recommendations.algorithms.tuning import Tuning, tune
from recommendations.exceptions import EmptyWindowError
from recommendations.models import EngineTuning
from recommendations.services import rows
from recommendations.services.engine import current_engine
from recommendations.services.gating import MEASURED_AT
from recommendations.services.store import settings_document
from recommendations.services.training import BEGINNING, Window

# The newest part of the events is left out: it is what the gate measures on.
GATE_SHARE = 0.1
SEARCHED_SHARE = 0.2
SEARCHED_USERS = 5_000


@dataclass(frozen=True, slots=True)
class Found:
    """A kept search: its row, and what it found."""

    tuning_id: int
    tuning: Tuning
    users: int


def search_settings(window: Window, seconds: float, *, use: bool, actor: str) -> Found:
    """Search for `seconds` (the trial that is under way is finished) and keep the outcome.

    With `use`, trainings use it from then on; the gate judges what they make of it. Raises
    EmptyWindowError where nobody can be tested.
    """
    engine = current_engine()
    found = rows.read_window(window.start or BEGINNING, window.end, engine.confidence)
    interactions = found.interactions
    if not len(interactions):
        raise EmptyWindowError(f"The window, {window}, holds no interactions to search on.")
    newest, cut = np.quantile(interactions.times, [1 - GATE_SHARE, 1 - SEARCHED_SHARE])
    known = interactions.select(interactions.times < newest)
    split = sample_users(split_by_time(known, float(cut)), SEARCHED_USERS)
    if not len(split.users):
        raise EmptyWindowError(f"The window, {window}, leaves nobody to test settings on.")
    deadline = time.monotonic() + seconds
    tuning = tune([split], engine, MEASURED_AT, lambda _: time.monotonic() < deadline, found.texts)
    row = _keep(tuning, len(split.users), use=use, actor=actor)
    return Found(row.pk, tuning, len(split.users))


@transaction.atomic
def _keep(tuning: Tuning, users: int, *, use: bool, actor: str) -> EngineTuning:
    figures: dict[str, Any] = {
        "users": users,
        "trials": tuning.trials,
        f"ndcg@{MEASURED_AT}": {"found": tuning.best.ndcg, "before": tuning.first.ndcg},
    }
    if use:
        stop_using()
    return EngineTuning.objects.create(
        in_use=use,
        parameters=settings_document(tuning.best.settings),
        figures=figures,
        actor=actor[:200],
    )


def stop_using() -> int:
    """Let trainings use what is configured; how many searches were in use."""
    return EngineTuning.objects.filter(in_use=True).update(in_use=False)
