"""Periodic tasks: one at a time across all workers, each run on record."""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec

from django.db import connection
from django.utils import timezone

P = ParamSpec("P")
Detail = Mapping[str, Any] | None


@contextmanager
def advisory_lock(name: str) -> Iterator[bool]:
    """Hold PostgreSQL's session advisory lock `name`; yields False where another holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        # A connection lost meanwhile has dropped its lock with it.
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def periodic(name: str) -> Callable[[Callable[P, Detail]], Callable[P, Detail]]:
    """Decorate a task's function: skipped while another run holds the lock `name`, else recorded.

    The function's answer, a JSON-able mapping or None, is kept as the run's detail. An error marks
    the run as failed and is raised again.
    """

    def decorate(function: Callable[P, Detail]) -> Callable[P, Detail]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> Detail:
            with advisory_lock(f"periodic:{name}") as held:
                if not held:
                    return {"skipped": "another run holds the lock"}
                return _record(name, lambda: function(*args, **kwargs))

        return run

    return decorate


def _record(name: str, function: Callable[[], Detail]) -> Detail:
    from api.background.models import PeriodicRun  # noqa: PLC0415 - importable before apps load

    # We hold the lock: a run that still stands as running was killed.
    cut_short = PeriodicRun.objects.filter(name=name, state=PeriodicRun.State.RUNNING)
    cut_short.update(state=PeriodicRun.State.FAILED, detail={"error": "The worker was stopped."})
    run = PeriodicRun.objects.create(name=name)
    try:
        detail = function()
    except Exception as error:
        _finish(run, PeriodicRun.State.FAILED, {"error": f"{type(error).__name__}: {error}"})
        raise
    _finish(run, PeriodicRun.State.SUCCEEDED, dict(detail or {}))
    return detail


def _finish(run: Any, state: str, detail: dict[str, Any]) -> None:
    run.state, run.detail, run.finished_at = state, detail, timezone.now()
    run.save(update_fields=["state", "detail", "finished_at"])
