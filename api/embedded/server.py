"""One server process: started apart from its starter, watched, adopted, stopped for certain."""

import fcntl
import os
import re
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from api.embedded.exceptions import EmbeddedServicesError
from api.embedded.layout import Layout
from api.embedded.processes import (
    ProcessMark,
    is_locked,
    mark_process,
    open_lock,
    read_mark,
    wait_until,
    write_mark,
)

LOG_LIMIT = 5_000_000  # bytes, after which a log is put aside at the next start
READY_SECONDS = 600.0  # recovery after a crash may replay a gigabyte of log
ADOPTION_SECONDS = 60.0
ERROR = re.compile(r"(FATAL|PANIC|ERROR|[Ee]rror:|Failed|Bad file|Fatal).*")


class Server(ABC):
    """What PostgreSQL and Redis have in common.

    The server, and every process it forks, inherits a locked descriptor. While any of them lives
    the lock is held, whatever became of pid files and of the process that started them.
    """

    name: str
    stop_signals: Sequence[tuple[int, float]]  # each with the seconds it is given

    def __init__(self, layout: Layout, *, durable: bool = True) -> None:
        self.layout = layout
        self.durable = durable
        self.mark: ProcessMark | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._log_began = 0
        self.interrupted = False  # set by a signal: a start under way gives up

    @property
    def alive(self) -> bool:
        """Whether the server that was started or adopted still runs."""
        if self._child is not None and self._child.poll() is not None:
            return False
        return self.mark is not None and self.mark.alive

    @property
    def lock_path(self) -> Path:
        """The lock that the server's processes hold."""
        return self.layout.control / f"{self.name}.alive"

    @property
    def mark_path(self) -> Path:
        """Where the server's process is written down."""
        return self.layout.control / f"{self.name}.json"

    @property
    def log_path(self) -> Path:
        """The server's output."""
        return self.layout.control / f"{self.name}.log"

    def adopt(self) -> bool:
        """Take over the server that an earlier guard left running; False when there is none."""
        self.mark = read_mark(self.mark_path)
        if self.mark is None or not is_locked(self.lock_path):
            return False
        try:
            self._wait_ready(ADOPTION_SECONDS)  # it may be recovering from a crash
        except EmbeddedServicesError:
            return False
        return True

    def start(self) -> None:
        """Start the server and wait until it answers, after clearing what a crash left.

        Raises:
            EmbeddedServicesError: with the server's own last words.
        """
        self.clear_remains()
        self.launch()
        self._wait_ready()

    def stop(self) -> None:
        """Stop the server and everything it forked, by ever stronger signals."""
        mark = self.mark or read_mark(self.mark_path)
        for number, seconds in self.stop_signals if mark else ():
            mark.send(number) if mark else None
            if wait_until(self._gone, seconds):
                break
        self.clear_remains()
        self.mark = self._child = None
        self.mark_path.unlink(missing_ok=True)

    def clear_remains(self) -> None:
        """End what still holds the server's lock; afterwards nothing of it runs."""
        if wait_until(self._gone, 0.0):
            return
        for mark in self.remaining_processes():
            mark.send(signal.SIGKILL)
        if not wait_until(self._gone, 10.0):
            raise EmbeddedServicesError(
                f"{self.name} still runs from an earlier start and can't be stopped; "
                f"see {self.log_path}"
            )

    def _gone(self) -> bool:
        if self._child is not None:
            self._child.poll()  # reaps
        return not is_locked(self.lock_path)

    def spawn(
        self, command: Sequence[str], *, user: int | None = None, descriptors: Sequence[int] = ()
    ) -> None:
        """Run the server in a session of its own, as `user` when that is given."""
        self._put_log_aside()
        lock = open_lock(self.lock_path)
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            with self.log_path.open("ab") as log:
                self._child = subprocess.Popen(  # noqa: S603 - our own command line
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=server_environment(),
                    pass_fds=(lock, *descriptors),
                    start_new_session=True,
                    user=user,
                    group=user,
                    extra_groups=None if user is None else [],
                )
        finally:
            os.close(lock)
        self.mark = mark_process(self._child.pid)
        if self.mark is not None:
            write_mark(self.mark_path, self.mark)

    def _wait_ready(self, seconds: float = READY_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if not self.alive:
                raise EmbeddedServicesError(f"{self.name} did not start: {self._last_words()}")
            if self.interrupted or time.monotonic() > deadline:
                raise EmbeddedServicesError(f"{self.name} is not ready; see {self.log_path}")
            time.sleep(0.01)

    def _last_words(self) -> str:
        """The line of this start's log that tells what went wrong."""
        with self.log_path.open("rb") as log:
            log.seek(self._log_began)
            lines = log.read().decode(errors="replace").strip().splitlines()
        return telling_line(lines) or f"see {self.log_path}"

    def _put_log_aside(self) -> None:
        self._log_began = 0
        with suppress(FileNotFoundError):
            self._log_began = self.log_path.stat().st_size
        if self._log_began > LOG_LIMIT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
            self._log_began = 0

    @abstractmethod
    def launch(self) -> None:
        """Make what the server needs, and spawn it."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the server takes connections."""

    @abstractmethod
    def remaining_processes(self) -> Sequence[ProcessMark]:
        """The processes that an earlier start of this server may have left."""


def telling_line(lines: Sequence[str]) -> str:
    """The last line that reports an error, else the last line that says anything."""
    spoken = [line.strip() for line in lines if line.strip()]
    errors = [found.group() for line in spoken if (found := ERROR.search(line))]
    return (errors or spoken or [""])[-1]


def server_environment() -> dict[str, str]:
    """A small environment: nothing of the caller's (`PGDATA`, `TZ`) leaks into a server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
