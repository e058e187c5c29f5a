"""The storefront as it runs in production: web server, workers and Beat, each to be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import psycopg

from api.embedded import Services

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 5.0
T = TypeVar("T")

WORKER = (
    *("celery", "-A", "api.celery", "worker", "-c", "1", "--loglevel", "INFO"),
    *("--without-heartbeat", "--without-gossip", "--without-mingle"),
)
PROGRAMS = {
    "web": (
        *("granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "8"),
        *("--respawn-failed-workers", "--respawn-interval", "0.2", "--no-ws"),
    ),
    "fast": (*WORKER, "-Q", "fast", "-n", "fast@%h"),
    "pipeline": (*WORKER, "-Q", "pipeline", "-n", "pipeline@%h"),
    "beat": ("celery", "-A", "api.celery", "beat", "--loglevel", "INFO", "--pidfile="),
}


def wait_for(ask: Callable[[], T], what: str, seconds: float = 60.0) -> T:
    """The first answer of `ask` that is true; AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.05)
    return answer


@dataclass
class Stack:
    """The processes of one storefront by name, and the services behind them."""

    services: Services
    environment: Mapping[str, str]
    port: int
    keys: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def log(self, name: str) -> str:
        """What `name` has said so far."""
        return (self.services.home / f"{name}.log").read_text(errors="replace")

    def start(self, name: str) -> None:
        """Start a program in a session of its own."""
        command = [sys.executable, "-m", *PROGRAMS[name]]
        if name == "web":
            command += ["--port", str(self.port), "api.wsgi:application"]
        with (self.services.home / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=dict(self.environment), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """Kill a program and its children, without a chance to say goodbye."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_children(self, name: str) -> None:
        """Kill the processes that a program has spawned, and leave it itself."""
        leader = self.running[name].pid
        children = [pid for pid, fields in _processes() if int(fields[1]) == leader]
        assert children
        for pid in children:
            os.kill(pid, signal.SIGKILL)

    def kill_service(self, name: str) -> None:
        """Kill PostgreSQL or Redis likewise; it stays down until `start_services`."""
        os.kill(self.services.pid(name), signal.SIGKILL)
        wait_for(lambda: not self._service_runs(name), f"{name} is dead")

    @contextmanager
    def hung(self, name: str) -> Iterator[None]:
        """Meanwhile PostgreSQL's first process, or Redis, is there and does nothing."""
        pid = self.services.pid(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def start_services(self) -> None:
        """Start what is down."""
        self.services.ensure_running()

    def _service_runs(self, name: str) -> bool:
        return any(one.running for one in self.services.status().servers if one.name == name)

    def pids(self) -> dict[str, int]:
        """The programs that run, by name."""
        return {name: one.pid for name, one in self.running.items() if one.poll() is None}

    def stop(self) -> None:
        """Stop everything."""
        for process in self.running.values():
            process.terminate()
        for name, process in list(self.running.items()):
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            self.kill(name)

    def client(self, kind: str = "secret") -> httpx.Client:
        """An HTTP client with a key; no call may take longer than `PATIENCE`."""
        headers = {"Authorization": f"Bearer {self.keys[kind]}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE)

    def rows(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        """Rows from the database, past the storefront."""
        with psycopg.connect(self.services.database_url, autocommit=True) as connection:
            return connection.execute(statement, parameters).fetchall()

    def cpu_seconds(self, name: str) -> float:
        """Processor time that a program and its children have used."""
        session = self.running[name].pid
        used = (
            int(fields[11]) + int(fields[12])
            for _, fields in _processes()
            if int(fields[3]) == session
        )
        return sum(used) / os.sysconf("SC_CLK_TCK")


def _processes() -> Iterator[tuple[int, list[str]]]:
    """Every process's pid and the fields of its /proc/PID/stat from `state` on, see proc(5)."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name, in parentheses, may hold anything: fields are counted from behind it.
                yield int(entry.name), (entry / "stat").read_text().rpartition(")")[2].split()
