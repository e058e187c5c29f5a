"""One running storefront for the tests of this folder; each leaves it well."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from api.embedded import Services, throwaway
from tests.faults.stack.running import PROGRAMS, ROOT, Stack, wait_for

INHERITED = {"PATH", "HOME", "LANG", "TMPDIR"}


def environment_of(services: Services) -> dict[str, str]:
    """Nothing of the tests' own settings gets in."""
    inherited = {name: value for name, value in os.environ.items() if name in INHERITED}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "api.settings",
        "STOREFRONT_ENV": "test",
        "STOREFRONT_HOME": str(services.home),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.cache_url,
        "CELERY_BROKER_URL": services.broker_url,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(environment: dict[str, str]) -> dict[str, str]:
    """Fill the database; API keys by kind."""
    command = [sys.executable, "-m", "tests.faults.stack.prepare"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A small shop that has learned: web, two workers and Beat, on durable services of its own."""
    # Durable, for PostgreSQL is to be killed and to have kept its word.
    with throwaway(restart=False, durable=True) as services:
        environment = environment_of(services)
        stack = Stack(services, environment, free_port(), prepare(environment))
        try:
            for name in PROGRAMS:
                stack.start(name)
            wait_for(lambda: answers(stack), "the web server answers")
            for name in ("fast", "pipeline"):
                wait_for(lambda name=name: " ready." in stack.log(name), f"{name} is ready")
            yield stack
        finally:
            stack.stop()


@pytest.fixture(autouse=True)
def logs_of_failures(request: pytest.FixtureRequest, stack: Stack) -> Iterator[None]:
    """What the programs said last, shown with a test that fails."""
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed:
        for name in PROGRAMS:
            print(f"--- {name}\n{stack.log(name)[-4000:]}")  # noqa: T201


def answers(stack: Stack) -> bool:
    """Whether the web server takes requests."""
    with stack.client() as client:
        try:
            return client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False
