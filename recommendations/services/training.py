"""Train on a window of events, write every list, and make the result live in one transaction."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from api.background.periodic import advisory_lock
from events.selectors import latest_event_at
from recommendations.algorithms.blend import EngineSettings, fit_model
from recommendations.algorithms.evaluation import evaluate, split_by_time, to_document
from recommendations.exceptions import EmptyWindowError, TrainingInProgressError
from recommendations.models import TrainingRun
from recommendations.services import rows
from recommendations.services.activation import activate_run, discard_rows, prune_runs
from recommendations.services.lists import (
    write_popular,
    write_shopper_lists,
    write_similar,
)
from recommendations.services.progress import QUIET, Progress
from recommendations.services.store import model_parameters, write_model

LOCK = "train recommendations"
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
# The part of the window's events that a run is measured on.
MEASURED_SHARE = 0.1
MEASURED_AT = 20

# Shoppers who did something, or were found to be somebody, after the trainer began to read: their
# rows may lack it.
_LATECOMERS = """
WITH late AS (
  SELECT DISTINCT coalesce(e.customer_id, link.customer_id) AS customer_id, e.visitor_id
  FROM events_event AS e
  LEFT JOIN customers_identitylink AS link
    ON link.visitor_id = e.visitor_id AND link.unlinked_at IS NULL AND e.customer_id IS NULL
  WHERE e.received_at >= %(since)s AND e.occurred_at >= %(since)s - interval '1 day'
  UNION
  SELECT customer_id, visitor_id FROM customers_identitylink
  WHERE linked_at >= %(since)s OR unlinked_at >= %(since)s
), customers AS (
  INSERT INTO events_refreshrequest (customer_id, requested_at)
  SELECT DISTINCT late.customer_id, clock_timestamp()
  FROM late JOIN customers_customer AS customer ON customer.id = late.customer_id
  ORDER BY 1
  ON CONFLICT (customer_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
)
INSERT INTO events_refreshrequest (visitor_id, requested_at)
SELECT DISTINCT late.visitor_id, clock_timestamp()
FROM late JOIN customers_visitor AS visitor ON visitor.id = late.visitor_id
WHERE late.customer_id IS NULL
ORDER BY 1
ON CONFLICT (visitor_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
"""


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` (None: the first event) to before `end`."""

    start: datetime | None
    end: datetime

    @classmethod
    def ending(cls, end: datetime | None, days: int | None) -> "Window":
        """The `days` (None: all of history) before `end` (None: the latest event, inclusive)."""
        if end is None:
            latest = latest_event_at()
            end = latest + timedelta(microseconds=1) if latest else timezone.now()
        return cls(end - timedelta(days=days) if days else None, end)

    @classmethod
    def from_settings(cls) -> "Window":
        """The window that the settings name."""
        latest = settings.RECOMMENDATIONS_WINDOW_END == "latest_event"
        days = settings.RECOMMENDATIONS_WINDOW_DAYS or None
        return cls.ending(None if latest else timezone.now(), days)

    def __str__(self) -> str:
        start = f"{self.start:%Y-%m-%d %H:%M}" if self.start else "the first event"
        return f"{start} to {self.end:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training did; `seconds` per phase and in total."""

    run_id: int
    window: Window
    events: int
    shoppers: int
    products: int
    lists: int
    seconds: dict[str, float]
    metrics: dict[str, Any]


@dataclass(slots=True)
class _Clock:
    """Seconds per phase; tells `progress` of each."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[None]:
        self.progress.begin(name, total)
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)


def train(
    window: Window,
    engine: EngineSettings | None = None,
    *,
    actor: str = "training",
    progress: Progress = QUIET,
) -> TrainingReport:
    """Train on `window` and make the result live.

    Raises TrainingInProgressError while another training runs, and EmptyWindowError where there is
    too little to learn from. Whatever goes wrong, the run that was live stays live.
    """
    engine = engine or rows.default_engine()
    with advisory_lock(LOCK) as held:
        if not held:
            raise TrainingInProgressError("Another training is running; try again when it ends.")
        _bury_dead_runs()
        run = TrainingRun.objects.create(
            window_start=window.start,
            window_end=window.end,
            parameters={"engine": asdict(engine)},
        )
        try:
            report = _train(run, window, engine, actor, _Clock(progress))
        except Exception as error:
            with suppress(DatabaseError):
                _fail(run, error)
            raise
        prune_runs()
    return report


def _train(
    run: TrainingRun, window: Window, engine: EngineSettings, actor: str, clock: _Clock
) -> TrainingReport:
    started = time.perf_counter()
    as_of = window.end.timestamp()
    with clock.phase("read"):
        found = rows.read_window(window.start or BEGINNING, window.end, engine.confidence)
        shoppers = found.rows(engine.confidence, as_of)
    if min(shoppers.user_items.shape) < 2 or not shoppers.user_items.nnz:
        raise EmptyWindowError(
            f"The window, {window}, holds {len(found.interactions):,} interactions: too little "
            "to learn from. What was live stays live."
        )
    with clock.phase("measure"):
        metrics = _measure(found, engine)
    with clock.phase("fit"):
        model = fit_model(found.interactions, engine, as_of)
    with transaction.atomic():
        with clock.phase("write", len(found.shoppers)):
            ids = found.product_ids
            write_model(run.pk, model, ids)
            write_similar(run.pk, model, ids)
            write_popular(run.pk, model, ids)
            lists = write_shopper_lists(run.pk, model, ids, shoppers, clock.progress.advance)
        clock.seconds["total"] = round(time.perf_counter() - started, 3)
        run.state, run.finished_at = TrainingRun.State.READY, timezone.now()
        run.parameters = model_parameters(model)
        run.events, run.products = len(found.interactions), len(ids)
        run.shoppers, run.seconds, run.metrics = len(found.shoppers), clock.seconds, metrics
        run.save()
        activate_run(run.pk, actor)
        with connection.cursor() as cursor:
            cursor.execute(_LATECOMERS, {"since": run.started_at})
    return TrainingReport(
        run.pk, window, run.events, run.shoppers, run.products, lists, clock.seconds, metrics
    )


def _measure(found: rows.Window, engine: EngineSettings) -> dict[str, Any]:
    """Metrics of a model trained without the last part of the events, on that part."""
    cut = float(np.quantile(found.interactions.times, 1.0 - MEASURED_SHARE))
    evaluation = evaluate(split_by_time(found.interactions, cut), engine, MEASURED_AT)
    if not evaluation.users:
        return {}
    split = datetime.fromtimestamp(cut, UTC).isoformat()
    return {"users": evaluation.users, "split": split, "metrics": to_document(evaluation)}


def _fail(run: TrainingRun, error: Exception) -> None:
    refused = isinstance(error, EmptyWindowError)
    run.state = TrainingRun.State.REFUSED if refused else TrainingRun.State.FAILED
    run.error = str(error) if refused else f"{type(error).__name__}: {error}"
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "error", "finished_at"])


def _bury_dead_runs() -> None:
    """Runs still marked as running while nobody holds the lock: their trainer was killed."""
    dead = TrainingRun.objects.filter(state=TrainingRun.State.RUNNING)
    ids = list(dead.values_list("pk", flat=True))
    discard_rows(ids)
    TrainingRun.objects.filter(pk__in=ids).update(
        state=TrainingRun.State.FAILED, error="The trainer was stopped.", finished_at=timezone.now()
    )
