"""What the rest of the project asks of the embedded services."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from api.embedded.exceptions import EmbeddedServicesError
from api.embedded.guard import Guard, GuardOptions, GuardState, read_state
from api.embedded.layout import BROKER_DB, CACHE_DB, Layout, make_folder
from api.embedded.processes import held, is_locked, open_lock, read_mark, try_lock, wait_until

REPOSITORY = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 600.0
STOP_SECONDS = 90.0
SERVERS = ("postgres", "redis")


@dataclass(frozen=True)
class ServerStatus:
    """One server: its pid is None while it does not run."""

    name: str
    pid: int | None
    url: str

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self.pid is not None


@dataclass(frozen=True)
class Status:
    """What runs for one data folder; `kept` after `services start`."""

    home: Path
    guard_pid: int | None
    kept: bool
    servers: tuple[ServerStatus, ...]

    @property
    def running(self) -> bool:
        """Whether all of it runs."""
        return all(server.running for server in self.servers)


@dataclass(frozen=True)
class Services:
    """The embedded PostgreSQL and Redis of one data folder. Making one starts nothing.

    `durable` off trades safety for speed and is for throw-away folders only. With `restart` off a
    server that dies stays down until `start`, which is what fault tests want.
    """

    home: Path
    durable: bool = True
    restart: bool = True
    disposable: bool = False

    @property
    def layout(self) -> Layout:
        """Where everything lies."""
        return Layout(self.home)

    @property
    def database_url(self) -> str:
        """PostgreSQL, for `DATABASE_URL`."""
        return self.layout.database_url

    @property
    def cache_url(self) -> str:
        """Redis's cache database, for `REDIS_URL`."""
        return self.layout.redis_url(CACHE_DB)

    @property
    def broker_url(self) -> str:
        """Redis's broker database, for `CELERY_BROKER_URL`."""
        return self.layout.broker_url(BROKER_DB)

    def start(self) -> None:
        """Start what is down, and keep it up until `stop`. Harmless when all runs.

        Raises:
            EmbeddedServicesError: something did not start.
        """
        self.make_home()
        (self.layout.control / "keep").touch()
        try:
            self.ensure_running(keep=True)
        except EmbeddedServicesError:
            (self.layout.control / "keep").unlink(missing_ok=True)
            raise

    def stop(self) -> None:
        """Stop both servers, whoever uses them. Harmless when nothing runs.

        Raises:
            EmbeddedServicesError: they would not stop.
        """
        if not self.layout.control.is_dir():
            return
        with suppress(FileNotFoundError):
            (self.layout.control / "keep").unlink()
        if (guard := self._guard()) is not None:
            guard.guard.send(signal.SIGTERM)
        if not wait_until(lambda: not self._guarded(), STOP_SECONDS):
            raise EmbeddedServicesError(f"they do not stop; see {self.layout.control}/guard.log")
        self.stop_remains()

    def run(self) -> int:
        """Be the guard, in the foreground, until SIGTERM or SIGINT; the exit status."""
        self.make_home()
        options = GuardOptions(foreground=True, durable=self.durable, restart=self.restart)
        return Guard(self.layout, options).run()

    def status(self) -> Status:
        """What runs now."""
        guard = self._guard()
        marks = {name: read_mark(self.layout.control / f"{name}.json") for name in SERVERS}
        urls = {"postgres": self.database_url, "redis": self.cache_url}
        return Status(
            home=self.home,
            guard_pid=guard.guard.pid if guard else None,
            kept=guard is not None and (self.layout.control / "keep").exists(),
            servers=tuple(
                ServerStatus(name, mark.pid if mark else None, urls[name])
                for name, mark in marks.items()
            ),
        )

    def pid(self, server: str) -> int:
        """The pid of `postgres` or `redis`.

        Raises:
            EmbeddedServicesError: it does not run.
        """
        mark = read_mark(self.layout.control / f"{server}.json")
        if mark is None:
            raise EmbeddedServicesError(f"{server} does not run")
        return mark.pid

    def lease(self) -> "Lease":
        """A hold on the running services; see `Lease`."""
        return Lease(self)

    def ensure_running(self, *, keep: bool = False) -> None:
        """Have a guard that reports both servers up. The caller holds a lease, or keeps them.

        Raises:
            EmbeddedServicesError: with the reason that the guard gave.
        """
        self.make_home()
        guard: subprocess.Popen[bytes] | None = None
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if guard is not None and guard.poll():
                raise EmbeddedServicesError(self._failure(guard.pid))
            if time.monotonic() > deadline:
                raise EmbeddedServicesError(f"they do not start; see {self.layout.control}")
            if not self._guarded() and (guard is None or guard.poll() is not None):
                guard = self._spawn_guard(keep=keep)
            time.sleep(0.02)

    def stop_remains(self) -> None:
        """Stop servers that have lost their guard."""
        locks = [self.layout.control / f"{name}.alive" for name in SERVERS]
        if any(is_locked(lock) for lock in locks):
            Guard(self.layout, GuardOptions(durable=self.durable)).stop_remains()

    def settle(self) -> None:
        """Return when services that nobody needs any more have stopped."""
        wait_until(lambda: self._kept() or not self._guarded(), STOP_SECONDS)
        if not self._kept():
            self.stop_remains()

    def _kept(self) -> bool:
        """Whether something holds the services up, and they are not on their way down."""
        state = self._guard()
        if state is not None and state.phase == "stopping":
            return False
        return (
            (state is not None and state.foreground)
            or (self.layout.control / "keep").exists()
            or self._leased()
        )

    def _leased(self) -> bool:
        """Whether anybody holds a lease.

        Those who ask take turns, and the guard, when it decides, holds the lock alone: so a
        shared lock that stands beside ours is a lease.
        """
        with held(self.layout.control / "probe.lock"):
            lock = open_lock(self.layout.control / "lease.lock")
            try:
                return try_lock(lock, shared=True) and not try_lock(lock)
            finally:
                os.close(lock)

    def _ready(self) -> bool:
        state = self._guard()
        if state is None or state.phase != "ready":
            return False
        if all(mark.alive for mark in state.servers.values()):
            return True
        state.guard.send(signal.SIGUSR2)
        return False

    def _guard(self) -> GuardState | None:
        """The state of the guard at work; None when there is none."""
        state = read_state(self.layout)
        return state if state and state.guard.alive and self._guarded() else None

    def _guarded(self) -> bool:
        return is_locked(self.layout.control / "guard.lock", shared=True)

    def _spawn_guard(self, *, keep: bool) -> subprocess.Popen[bytes]:
        """Start a guard that lives apart from this process and its terminal."""
        flags = {
            "--keep": keep,
            "--loose": not self.durable,
            "--no-restart": not self.restart,
            "--disposable": self.disposable,
        }
        command = [sys.executable, "-m", "api.embedded", str(self.home)]
        path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        with (self.layout.control / "guard.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - ourselves
                command + [flag for flag, given in flags.items() if given],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=os.environ | {"PYTHONPATH": path},
                start_new_session=True,
            )

    def _failure(self, guard: int) -> str:
        """Why the guard with that pid gave up; a full disk can keep it from saying so itself."""
        state = read_state(self.layout)
        if state is not None and state.phase == "failed" and state.guard.pid == guard:
            return state.error
        free = shutil.disk_usage(self.home).free // 1_000_000
        return f"they do not start: see {self.layout.control}/guard.log ({free} MB free there)"

    def make_home(self) -> None:
        """Make the data folder, if it is not there.

        Raises:
            EmbeddedServicesError: we can't write there.
        """
        try:
            make_folder(self.layout.control)
            probe = open_lock(self.layout.control / "guard.lock")
        except OSError as error:
            raise EmbeddedServicesError(
                f"the data folder {self.home} can't be used: {error.strerror}"
            ) from error
        os.close(probe)


class Lease:
    """Keeps the services up for as long as it is held; the first to come starts them.

    The hold is a shared lock, so it ends with its holder, by whatever end that comes to, SIGKILL
    included; the guard then stops the services if nobody else needs them. Forked children share
    it. `release` waits for that stop, so that nothing is left when a command returns.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self._owner = os.getpid()
        self._lock: int | None = None

    def acquire(self) -> Self:
        """Take hold, starting what is down.

        Raises:
            EmbeddedServicesError: the services can't be started.
        """
        self.services.make_home()
        self._lock = open_lock(self.services.layout.control / "lease.lock")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            self.services.ensure_running()
        except BaseException:
            os.close(self._lock)
            self._lock = None
            raise
        return self

    def release(self) -> None:
        """Let go; returns when the services have stopped, if this was the last hold."""
        if self._lock is None or os.getpid() != self._owner:
            return
        os.close(self._lock)
        self._lock = None
        self.services.settle()

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def home_services(home: Path) -> Services:
    """The services of a data folder; nothing is started."""
    return Services(home.resolve())


@contextmanager
def lease(home: Path) -> Iterator[Services]:
    """The services of a data folder, up for as long as the block runs."""
    services = home_services(home)
    with services.lease():
        yield services
