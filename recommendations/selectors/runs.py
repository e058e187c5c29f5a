"""Which training run is live."""

from threading import local

from api.clock import memory_clock
from recommendations.models import ActiveRun, TrainingRun

# How long a process may go on serving a run that was replaced. Its rows are kept for longer.
MEMO_SECONDS = 1.0

_memo = local()


def read_active_run() -> int | None:
    """The id of the live run, at most a second old; None before the first."""
    now = memory_clock()
    if getattr(_memo, "read_at", float("-inf")) + MEMO_SECONDS <= now:
        _memo.run = ActiveRun.objects.values_list("run_id", flat=True).first()
        _memo.read_at = now
    run: int | None = _memo.run
    return run


def forget_active_run() -> None:
    """Read afresh next time, in this thread."""
    _memo.read_at = float("-inf")


def live_run() -> TrainingRun | None:
    """The run that is live, fresh from the database; None before the first."""
    pointer = ActiveRun.objects.select_related("run").first()
    return pointer.run if pointer else None
