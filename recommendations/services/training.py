"""Train on a window of events, write every list, and make the result live in one transaction."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import scipy.sparse as sp
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from api.background.periodic import advisory_lock
from events.selectors import latest_event_at
from recommendations.algorithms.blend import EngineSettings, Given, Model, fit_model
from recommendations.exceptions import (
    EmptyWindowError,
    RunRefusedError,
    TrainingInProgressError,
)
from recommendations.models import TrainingRun
from recommendations.selectors.runs import live_run
from recommendations.services import rows
from recommendations.services.activation import activate_run, discard_rows, prune_runs
from recommendations.services.engine import current_engine, gate_settings
from recommendations.services.gating import Gating, ask_gate, find_window_fault
from recommendations.services.lists import (
    ShopperRows,
    write_popular,
    write_similar,
)
from recommendations.services.measured import keep_measured
from recommendations.services.personal_data import drop_erased
from recommendations.services.progress import QUIET, Progress
from recommendations.services.shopper_lists import ShopperLists
from recommendations.services.store import (
    model_parameters,
    read_factors,
    settings_document,
    write_model,
)

LOCK = "train recommendations"
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


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


@dataclass(frozen=True, slots=True)
class Wish:
    """How to train, and who asks.

    `cold`: from noise, not from the live factors. `accept`: go live whatever the gate says of it,
    which stays on record.
    """

    cold: bool = False
    accept: bool = False
    actor: str = "training"


def train(
    window: Window,
    engine: EngineSettings | None = None,
    *,
    wish: Wish = Wish(),
    progress: Progress = QUIET,
) -> TrainingReport:
    """Train on `window` and make the result live, if the gate lets it pass.

    Raises TrainingInProgressError while another training runs, EmptyWindowError where there is too
    little to learn from, and RunRefusedError with the gate's reason. Whatever goes wrong, the run
    that was live stays live.
    """
    engine = engine or current_engine()
    with advisory_lock(LOCK) as held:
        if not held:
            raise TrainingInProgressError("Another training is running; try again when it ends.")
        _bury_dead_runs()
        live = live_run()
        run = TrainingRun.objects.create(
            window_start=window.start,
            window_end=window.end,
            parent=None if wish.cold or not settings.RECOMMENDATIONS_WARM_START else live,
            parameters={"engine": settings_document(engine)},
        )
        try:
            report = _Training(run, window, engine, wish, live, _Clock(progress)).work()
        except Exception as error:
            with suppress(DatabaseError):
                _fail(run, error)
            raise
        prune_runs()
    return report


@dataclass(slots=True)
class _Training:
    """One training, from events to what is live."""

    run: TrainingRun
    window: Window
    engine: EngineSettings
    wish: Wish
    live: TrainingRun | None
    clock: _Clock
    started: float = field(default_factory=time.perf_counter)

    def work(self) -> TrainingReport:
        clock, run, as_of = self.clock, self.run, self.window.end.timestamp()
        with clock.phase("read"):
            found = self._read()
            shoppers = found.rows(self.engine.confidence, as_of)
            self._refuse_empty(found, shoppers.user_items)
        with clock.phase("measure"):
            gating = self._ask_gate(found)
        with clock.phase("fit"):
            start = read_factors(run.parent_id, found.product_ids) if run.parent_id else None
            given = Given(start, shoppers.user_items, found.texts)
            model = fit_model(found.interactions, self.engine, as_of, given)
        with transaction.atomic():
            with clock.phase("write", len(found.shoppers)):
                lists = self._write(model, found, shoppers)
                if gating.measured is not None:
                    keep_measured(run.pk, gating.measured)
            clock.seconds["total"] = round(time.perf_counter() - self.started, 3)
            run.state, run.finished_at = TrainingRun.State.READY, timezone.now()
            run.parameters, run.seconds = model_parameters(model), clock.seconds
            run.save()
            drop_erased(run.pk)
            activate_run(run.pk, self.wish.actor)
        return TrainingReport(
            run.pk, self.window, run.events, run.shoppers, run.products, lists, clock.seconds,
            run.metrics,
        )  # fmt: skip

    def _read(self) -> rows.Window:
        window, run = self.window, self.run
        found = rows.read_window(window.start or BEGINNING, window.end, self.engine.confidence)
        run.events, run.shoppers = len(found.interactions), len(found.shoppers)
        run.products = len(found.product_ids)
        return found

    def _refuse_empty(self, found: rows.Window, user_items: sp.csr_matrix) -> None:
        if min(user_items.shape) < 2 or not user_items.nnz:
            # What is not a number is no confidence either, but it is not for lack of events.
            fault = find_window_fault(found, self.run, self.live, gate_settings())
            if fault and len(found.interactions):
                raise RunRefusedError(_refusal(fault))
            raise EmptyWindowError(
                f"The window, {self.window}, holds {len(found.interactions):,} interactions: too "
                "little to learn from. What was live stays live."
            )

    def _ask_gate(self, found: rows.Window) -> Gating:
        """What the gate says; RunRefusedError where that is a no, which is not overruled."""
        gate, cold = gate_settings(), self.run.parent_id is None
        fault = find_window_fault(found, self.run, self.live, gate)
        if fault and not self.wish.accept:
            raise RunRefusedError(_refusal(fault))
        gating = ask_gate(found, self.engine, self.live, gate, cold=cold)
        self.run.metrics = gating.metrics
        if gating.verdict.refused and not self.wish.accept:
            raise RunRefusedError(_refusal(gating.verdict.refused))
        return gating

    def _write(self, model: Model, found: rows.Window, shoppers: ShopperRows) -> int:
        run_id, ids = self.run.pk, found.product_ids
        write_model(run_id, model, ids)
        write_similar(run_id, model, ids)
        write_popular(run_id, model, ids)
        lists = ShopperLists(run_id, model, ids, shoppers, self.window.start)
        return lists.write(self.clock.progress.advance)


def _refusal(reason: str) -> str:
    return f"Refused by the gate: {reason}. What was live stays live."


def _fail(run: TrainingRun, error: Exception) -> None:
    refused = isinstance(error, EmptyWindowError | RunRefusedError)
    run.state = TrainingRun.State.REFUSED if refused else TrainingRun.State.FAILED
    run.error = str(error) if refused else f"{type(error).__name__}: {error}"
    run.finished_at = timezone.now()
    run.save()


def _bury_dead_runs() -> None:
    """Runs still marked as running while nobody holds the lock: their trainer was killed."""
    dead = TrainingRun.objects.filter(state=TrainingRun.State.RUNNING)
    ids = list(dead.values_list("pk", flat=True))
    discard_rows(ids)
    TrainingRun.objects.filter(pk__in=ids).update(
        state=TrainingRun.State.FAILED, error="The trainer was stopped.", finished_at=timezone.now()
    )
