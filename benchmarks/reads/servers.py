"""The servers that are compared: all under granian, one worker process each."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.events.shop import ROOT, WEB_THREADS


class Server(NamedTuple):
    """Where one listens, and the process above all of it."""

    port: int
    pid: int


@contextlib.contextmanager
def serve_ours(threads: int = WEB_THREADS) -> Iterator[Server]:
    """This shop, where `threads` requests are worked at, at once."""
    wsgi = ("--interface", "wsgi", "--blocking-threads", str(threads), "api.wsgi:application")
    allowed = {"CORS_ALLOWED_ORIGINS": "https://shop.example"}
    with _serving(wsgi, allowed) as server:
        yield server


@contextlib.contextmanager
def serve_asgi(app: str, **settings: str) -> Iterator[Server]:
    """A peer, with `settings` in its environment."""
    with _serving(("--interface", "asgi", "--loop", "uvloop", app), settings) as server:
        yield server


@contextlib.contextmanager
def _serving(what: tuple[str, ...], settings: dict[str, str]) -> Iterator[Server]:
    port = _free_port()
    command = (
        "granian", "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--workers", "1",
        "--log-level", "warning", *what,
    )  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env=os.environ | settings,
        start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield Server(port, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
