"""Data folders, and other processes that hold leases on them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from api.embedded import Services
from api.embedded.processes import is_locked, mark_process, wait_until

REPOSITORY = Path(__file__).resolve().parents[3]

HOLD = """
import sys
from pathlib import Path
from api.embedded import Services
with Services(Path(sys.argv[1]), durable=False).lease() as lease:
    status = lease.services.status()
    print(*(server.pid for server in status.servers), flush=True)
    if sys.stdin.readline() == "raise\\n":
        raise SystemExit("as asked")
"""


class Holder:
    """A process that holds a lease until it is told otherwise."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(home)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def pids(self) -> list[int]:
        return [int(pid) for pid in self.process.stdout.readline().split()]

    def leave(self, words: str = "bye") -> None:
        self.process.communicate(words + "\n", timeout=60)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="storefront-home-"))
    yield folder
    Services(folder).stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A folder with a cluster in it, for making one takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="storefront-made-"))
    with Services(folder, durable=False).lease():
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def services(made_home: Path) -> Iterator[Services]:
    """Services that do not run, with a cluster that other tests have used."""
    services = Services(made_home, durable=False)
    yield services
    services.stop()
    for folder in (services.layout.control, services.layout.redis):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_services(home: Path) -> Services:
    """Services in an empty folder."""
    return Services(home, durable=False)


@pytest.fixture
def hold() -> Iterator[Callable[[Path], Holder]]:
    with ExitStack() as stack:

        def start(home: Path) -> Holder:
            holder = Holder(home)
            stack.callback(holder.end)
            return holder

        yield start


def query(services: Services, statement: str) -> object:
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def all_stopped(services: Services) -> bool:
    """No process of the services lives, nor their guard, nor anything that they forked."""
    control = services.layout.control
    locks = [control / name for name in ("guard.lock", "postgres.alive", "redis.alive")]
    return not any(is_locked(lock) for lock in locks)


def kill_guard(services: Services) -> None:
    guard = services.status().guard_pid
    os.kill(guard, signal.SIGKILL)
    assert wait_until(lambda: services.status().guard_pid is None, 10)


def kill_server(services: Services, name: str) -> int:
    mark = mark_process(services.pid(name))
    mark.send(signal.SIGKILL)
    assert wait_until(lambda: not mark.alive, 10)
    return mark.pid
