"""Where a training's seconds go: named functions are timed, wall and processor, while it runs."""

import functools
import importlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Spent:
    """Seconds by the clock, of our processors and of the database's; those of threads overlap."""

    wall: float = 0.0
    cpu: float = 0.0
    database: float = 0.0


class Stopwatch:
    """Times functions from where they are looked up; `spent` by name.

    `backend` is the database's process that works for this one, on this machine.
    """

    def __init__(self, backend: int) -> None:
        self._backend = backend
        self.spent: dict[str, Spent] = {}
        self._lock = threading.Lock()

    def watch(self, name: str, place: str, *, alone: bool = True) -> None:
        """Time what `place` ("module:name" or "module:Class.name") names, from now on.

        `alone`: all threads' processor time is its own, for nothing else runs meanwhile; otherwise
        that of the calling thread.
        """
        module, _, path = place.partition(":")
        owner: Any = importlib.import_module(module)
        *parents, last = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        clock = time.process_time if alone else time.thread_time
        setattr(owner, last, self._timed(getattr(owner, last), name, clock))

    def figures(self) -> dict[str, dict[str, float]]:
        """Seconds by name."""
        return {
            name: {key: round(seconds, 2) for key, seconds in asdict(spent).items()}
            for name, spent in self.spent.items()
        }

    def _timed(
        self, function: Callable[..., Any], name: str, clock: Callable[[], float]
    ) -> Callable[..., Any]:
        spent = self.spent.setdefault(name, Spent())

        @functools.wraps(function)
        def timed(*values: Any, **named: Any) -> Any:
            begun = (time.perf_counter(), clock(), backend_seconds(self._backend))
            try:
                return function(*values, **named)
            finally:
                ended = (time.perf_counter(), clock(), backend_seconds(self._backend))
                with self._lock:
                    spent.wall += ended[0] - begun[0]
                    spent.cpu += ended[1] - begun[1]
                    spent.database += ended[2] - begun[2]

        return timed


def backend_seconds(pid: int) -> float:
    """Processor seconds that the database's process `pid`, on this machine, has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK
