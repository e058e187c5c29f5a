"""A whole small shop: real server, workers and Beat on their own services, by `manage.py demo`."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
# The smallest whose first model leads popularity at whatever time of the day it is drawn: with 120
# shoppers, thirty are tested, and the gate now and then refuses a lead that chance took away.
SMALL_SHOP = ["--products", "300", "--shoppers", "600", "--days", "30"]
START_SECONDS = 240.0
T = TypeVar("T")


def wait_for(ask: Callable[[], T | None], what: str, seconds: float = 30.0) -> T:
    """The first answer of `ask` that is neither None nor False; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None and answer is not False:
            return answer
        time.sleep(0.1)
    pytest.fail(f"{what} did not happen within {seconds:g} s")


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Storefront:
    """A running shop and how to talk to it."""

    url: str
    home: Path
    environment: dict[str, str]
    output: str

    @property
    def keys(self) -> dict[str, str]:
        """The demo's keys."""
        return dict(json.loads((self.home / "demo-keys.json").read_text()))

    def client(self, kind: str | None = None, **headers: str) -> httpx.Client:
        """An HTTP client with the key of that kind, or none."""
        if kind:
            headers["Authorization"] = f"Bearer {self.keys[kind]}"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Client(base_url=self.url, headers=names, timeout=15)


def start_demo(home: Path, *arguments: str) -> tuple[subprocess.Popen[str], Storefront]:
    """Start `manage.py demo` on `home` and wait until it says that it is ready."""
    inherited = {"PATH", "HOME", "LANG", "TMPDIR"}
    environment = {name: value for name, value in os.environ.items() if name in inherited}
    environment |= {"STOREFRONT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    log = home / "demo-output.txt"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(free_port()), *arguments],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )

    def ready() -> re.Match[str] | None:
        text = log.read_text()
        if process.poll() is not None:
            pytest.fail(f"the demo ended with {process.returncode}:\n{text[-3000:]}")
        return re.search(r"^ready: (http://\S+)$", text, re.MULTILINE)

    found = wait_for(ready, "ready", START_SECONDS)
    return process, Storefront(found.group(1), home, environment, log.read_text())


def stop_demo(process: subprocess.Popen[str]) -> None:
    """Stop as Ctrl-C does, and wait."""
    process.send_signal(signal.SIGINT)
    process.wait(60)


@pytest.fixture(scope="session")
def storefront() -> Iterator[Storefront]:
    """One small shop for all tests that leave it standing."""
    with tempfile.TemporaryDirectory() as folder:
        process, shop = start_demo(Path(folder), *SMALL_SHOP)
        yield shop
        stop_demo(process)
