"""The guard: the one process per data folder that starts, watches and stops the servers.

It outlives nobody: when the last lease is given up, by whatever end its holder came to, and
nothing keeps the services, it stops them and leaves. It is told what to do by signals: SIGTERM,
SIGINT or SIGHUP stop; SIGUSR1 leaves the servers to a successor; SIGUSR2 starts what is down.
"""

import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

from api.embedded.exceptions import EmbeddedServicesError
from api.embedded.layout import Layout
from api.embedded.postgres import PostgresServer
from api.embedded.processes import (
    ProcessMark,
    mark_process,
    open_lock,
    read_mark,
    try_lock,
    wait_until,
    write_json,
)
from api.embedded.redis import RedisServer
from api.embedded.server import Server

WATCH_SECONDS = 0.1
LONGEST_PAUSE = 5.0  # seconds between attempts to restart a server that will not start


@dataclass(frozen=True)
class GuardOptions:
    """How a guard behaves: `keep` is for `services start`, `foreground` for `services run`."""

    keep: bool = False
    foreground: bool = False
    durable: bool = True
    restart: bool = True
    disposable: bool = False


@dataclass(frozen=True)
class GuardState:
    """What the guard writes down for everybody else. Phases: starting, ready, stopping, failed."""

    phase: str
    guard: ProcessMark
    servers: dict[str, ProcessMark] = field(default_factory=dict)
    error: str = ""
    foreground: bool = False


def read_state(layout: Layout) -> GuardState | None:
    """The state that the latest guard wrote; None when there is none, or it is unreadable."""
    try:
        content = json.loads((layout.control / "state.json").read_text(encoding="utf-8"))
        marks = {name: ProcessMark(**mark) for name, mark in content["servers"].items()}
        guard = ProcessMark(**content["guard"])
        return GuardState(content["phase"], guard, marks, content["error"], content["foreground"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


class Guard:
    """Holds the guard's lock, and with it the right to start and stop servers."""

    def __init__(self, layout: Layout, options: GuardOptions) -> None:
        self.layout = layout
        self.options = options
        self.servers: Sequence[Server] = (
            PostgresServer(layout, durable=options.durable),
            RedisServer(layout, durable=options.durable),
        )
        self._leaving: int | None = None  # the signal that asks to leave
        self._reviving = False

    def run(self) -> int:
        """Serve until told or left; the exit status (0 too when another guard is at work)."""
        os.umask(0o077)
        self._listen()
        lock = open_lock(self.layout.control / "guard.lock")
        lease = open_lock(self.layout.control / "lease.lock")
        try:
            if not self._take_over(lock):
                return 0
            return self._serve(lease)
        finally:
            os.close(lease)
            os.close(lock)

    def stop_remains(self) -> None:
        """Stop servers that a guard which was killed left behind, unless they have a new one."""
        lock = open_lock(self.layout.control / "guard.lock")
        try:
            if try_lock(lock):
                self._stop_servers()
        finally:
            os.close(lock)

    def _take_over(self, lock: int) -> bool:
        """Get the guard's lock; in the foreground, from a guard in the background if need be."""
        state = read_state(self.layout)
        if self.options.foreground and state is not None:
            if state.foreground and state.guard.alive:
                raise EmbeddedServicesError(f"they already run, guarded by pid {state.guard.pid}")
            state.guard.send(signal.SIGUSR1)
        return wait_until(lambda: try_lock(lock), 120.0 if self.options.foreground else 0.5)

    def _serve(self, lease: int) -> int:
        with ExitStack() as stack:
            try:
                self._write("starting")
                self._protect_temporary_folder(stack)
                self._begin()
                self._watch(lease)
            except (EmbeddedServicesError, OSError) as error:
                return self._fail(error)
        if self._leaving == signal.SIGUSR1:
            return 0
        self._write("stopping")
        self._stop_servers()
        if self.options.disposable:
            shutil.rmtree(self.layout.home, ignore_errors=True)
        return 0

    def _begin(self) -> None:
        """Adopt what runs, start what does not."""
        adopted = [server.adopt() for server in self.servers]
        kept = self.options.keep or self.options.foreground
        if not kept and not any(adopted):
            # The mark is of an earlier boot: nothing that it asked to keep is there any more.
            self._keep_mark.unlink(missing_ok=True)
        for server, runs in zip(self.servers, adopted, strict=True):
            if not runs and self._leaving is None:
                server.start()
        self._write("ready")

    def _watch(self, lease: int) -> None:
        """Until it is time to leave, restart what dies."""
        pause = again = 0.0
        while self._leaving is None and not self._abandoned(lease):
            if (self.options.restart or self._reviving) and time.monotonic() >= again:
                pause = 0.0 if self._restart_dead() else min(LONGEST_PAUSE, 2 * pause + 0.2)
                again = time.monotonic() + pause
            time.sleep(WATCH_SECONDS)

    def _restart_dead(self) -> bool:
        """Start every server that is down; whether all are up now."""
        dead = [server for server in self.servers if not server.alive]
        try:
            for server in dead:
                _say(f"{server.name} is down; starting it")
                server.start()
        except (EmbeddedServicesError, OSError) as error:
            _say(str(error))
            return False
        self._reviving = False
        if dead:
            self._write("ready")
        return True

    def _abandoned(self, lease: int) -> bool:
        """Whether nobody needs the services.

        The lease's lock is held alone while "stopping" is written, so that a newcomer either
        keeps us from getting it or finds that it has to wait for us to be gone.
        """
        if self.options.foreground or not try_lock(lease):
            return False
        try:
            if self._keep_mark.exists():
                return False
            self._write("stopping")
            return True
        finally:
            fcntl.flock(lease, fcntl.LOCK_UN)

    def _stop_servers(self) -> None:
        """Stop all at once, then remove what lay outside the data folder."""
        for server in self.servers:
            if (mark := server.mark or read_mark(server.mark_path)) is not None:
                mark.send(server.stop_signals[0][0])
        for server in self.servers:
            server.stop()
        shutil.rmtree(self.layout.temporary, ignore_errors=True)
        (self.layout.control / "state.json").unlink(missing_ok=True)

    def _fail(self, error: Exception) -> int:
        message = str(error)
        _say(message)
        with suppress(EmbeddedServicesError, OSError):
            self._stop_servers()
        with suppress(OSError):
            self._write("failed", message)
        return 1

    @property
    def _keep_mark(self) -> Path:
        return self.layout.control / "keep"

    def _write(self, phase: str, error: str = "") -> None:
        marks = {server.name: server.mark for server in self.servers if server.mark}
        guard = mark_process(os.getpid())
        if guard is not None:
            state = GuardState(phase, guard, marks, error, self.options.foreground)
            write_json(self.layout.control / "state.json", asdict(state))

    def _protect_temporary_folder(self, stack: ExitStack) -> None:
        """Lock the temporary folder, which tells systemd's cleaner to leave it alone."""
        with suppress(FileNotFoundError):
            folder = os.open(self.layout.temporary, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_SH)

    def _listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, self._leave)
        signal.signal(signal.SIGUSR2, self._revive)

    def _leave(self, number: int, _frame: FrameType | None) -> None:
        self._leaving = number
        for server in self.servers:
            server.interrupted = True

    def _revive(self, _number: int, _frame: FrameType | None) -> None:
        self._reviving = True


def _say(message: str) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(f"{now} services: {message}", file=sys.stderr, flush=True)  # noqa: T201 - its log
