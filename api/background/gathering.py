"""Nudges from a thread of their own: many in a short time are one message, and no caller waits."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Task

from api.background.nudges import nudge

# Whoever is nudged works through all that is due, so nobody waits longer than this for the next.
PAUSE_SECONDS = 0.1


class Gatherer:
    """Sends what was asked for, each task once however often it was, then pauses.

    What is asked for while it sends is sent after the pause, so the last word is never swallowed.
    What a process takes with it when it dies is left to the sweep, as any lost nudge is.
    """

    def __init__(
        self, send: Callable[[Task[..., Any]], Any] = nudge, pause: float = PAUSE_SECONDS
    ) -> None:
        self._send = send
        self._pause = pause
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a forked child must, which has none of its parent's threads."""
        self._changed = threading.Condition()
        self._wanted: dict[str, Task[..., Any]] = {}
        self._thread: threading.Thread | None = None

    def add(self, task: Task[..., Any]) -> None:
        """Have `task` enqueued, within a moment, without arguments."""
        with self._changed:
            self._wanted[task.name] = task
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
                self._thread.start()
            else:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            for task in self._take():
                self._send(task)
            time.sleep(self._pause)

    def _take(self) -> list[Task[..., Any]]:
        """What is wanted, once there is something."""
        with self._changed:
            self._changed.wait_for(lambda: self._wanted)
            wanted, self._wanted = self._wanted, {}
        return list(wanted.values())


_gatherer = Gatherer()
os.register_at_fork(after_in_child=_gatherer.forget)


def nudge_soon(task: Task[..., Any]) -> None:
    """Enqueue `task`, which finds in the database what is due, within a moment; never waits."""
    _gatherer.add(task)
