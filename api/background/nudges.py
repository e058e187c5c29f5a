"""Nudge a worker: enqueue a task, never wait for a broker that is down, never fail the caller.

The broker is not the record: whatever must happen is a row first, and a Beat sweep finds what a
lost nudge left behind. So a nudge may be dropped; a request may not be slowed by it.
"""

import logging
import threading
import time
from typing import Any

from celery import Task

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0


class Breaker:
    """Open for `pause` seconds after a failure: meanwhile nothing is tried."""

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        self.pause = pause
        self._closed_again_at = 0.0
        self._lock = threading.Lock()

    def is_open(self) -> bool:
        """Whether the last failure is too recent to try again."""
        return time.monotonic() < self._closed_again_at

    def trip(self) -> None:
        """Note a failure."""
        with self._lock:
            self._closed_again_at = time.monotonic() + self.pause

    def reset(self) -> None:
        """Forget the last failure."""
        self._closed_again_at = 0.0


breaker = Breaker()


def nudge(task: Task[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Enqueue `task`; False (and a log line) where the broker could not be reached."""
    if breaker.is_open():
        return False
    try:
        task.apply_async(args=args, kwargs=kwargs, retry=False)
    except Exception as error:  # noqa: BLE001 - a client library's errors have no common base
        breaker.trip()
        logger.warning("broker unreachable, %s left to the sweep: %s", task.name, error)
        return False
    return True
