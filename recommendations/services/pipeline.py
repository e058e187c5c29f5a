"""The whole chain, now: index, embed, neighbours, train, go live, trends, prices, suggestions."""

import os
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from events.selectors import latest_event_at
from events.services import roll_up_events
from pricing.services.rounds import Round, run_round
from recommendations.exceptions import EmptyWindowError, RunRefusedError
from recommendations.models import ActiveRun, TrainingRun
from recommendations.services.neighbours import update_neighbours
from recommendations.services.progress import QUIET, Progress
from recommendations.services.training import TrainingReport, Window, Wish, train
from recommendations.services.trends import update_cycles, update_trends
from search.algorithms.encoder import Encoder, UnusableModelError
from search.services.embedding import EmbeddingReport, count_stale, embed_products
from search.services.indexing import index_products
from search.services.suggestions import SuggestionReport, build_suggestions


@dataclass(frozen=True, slots=True)
class RunFigures:
    """The figures of a run that was live before, to compare with."""

    run_id: int
    events: int
    shoppers: int
    products: int
    seconds: float | None
    ndcg: float | None


@dataclass(slots=True)
class PipelineReport:
    """What each step did. `embedding` or `training` is None where `notes` say why."""

    indexed: int = 0
    embedding: EmbeddingReport | None = None
    neighbours: int = 0
    training: TrainingReport | None = None
    before: RunFigures | None = None
    prices: Round | None = None
    suggestions: SuggestionReport | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def run_pipeline(window: Window, progress: Progress = QUIET) -> PipelineReport:
    """Run every step over the whole shop.

    Without a usable embedding model, with an empty window, or one that the gate refuses, the rest
    still runs, and `notes` tells. Raises TrainingInProgressError while another training runs.
    """
    report = PipelineReport(before=_live_figures())
    clock = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal clock
        report.seconds[step], clock = round(time.perf_counter() - clock, 2), time.perf_counter()

    progress.begin("index")
    report.indexed = len(index_products())
    lap("index")
    _embed(report, progress)
    lap("embed")
    report.neighbours = update_neighbours(progress)
    lap("neighbours")
    try:
        report.training = train(window, wish=Wish(actor="run_pipeline"), progress=progress)
    except (EmptyWindowError, RunRefusedError) as error:
        report.notes.append(str(error))
    lap("train")
    roll_up_events()
    update_cycles()
    update_trends()
    lap("trends")
    report.prices = run_round(_prices_as_of())
    lap("prices")
    report.suggestions = build_suggestions()
    lap("suggestions")
    report.seconds["total"] = round(sum(report.seconds.values()), 2)
    return report


def _prices_as_of() -> datetime:
    """Now, or when the last event was, for a shop whose events stopped."""
    if settings.RECOMMENDATIONS_WINDOW_END == "latest_event":
        return latest_event_at() or timezone.now()
    return timezone.now()


def _embed(report: PipelineReport, progress: Progress) -> None:
    try:
        encoder = Encoder(Path(settings.EMBEDDING_MODEL_DIR), threads=len(os.sched_getaffinity(0)))
    except UnusableModelError as error:
        report.notes.append(f"Nothing was embedded: {error}")
        return
    progress.begin("embed", count_stale(encoder.model_version))
    report.embedding = embed_products(encoder, on_progress=progress.advance)


def _live_figures() -> RunFigures | None:
    active = ActiveRun.objects.select_related("run").first()
    if active is None:
        return None
    run: TrainingRun = active.run
    return RunFigures(
        run.pk, run.events, run.shoppers, run.products,
        run.seconds.get("total"), blend_ndcg(run.metrics),
    )  # fmt: skip


def blend_ndcg(metrics: dict[str, Any]) -> float | None:
    """nDCG@20 of what is served, of a run's metrics; None where it could not be measured."""
    measured = metrics.get("metrics", {}).get("blend", {}).get("ndcg@20")
    return measured["value"] if measured else None
