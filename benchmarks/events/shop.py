"""A throw-away shop to measure: durable services of its own, products, a key, a web server."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from api.embedded import Services
from benchmarks.events.rows import PRODUCTS

ROOT = Path(__file__).resolve().parents[2]
WEB_WORKERS = 2
WEB_THREADS = 4

_FILL = """
INSERT INTO catalogue_product (
  public_id, title, description, image_url, popularity, published, attributes, created_at,
  updated_at
)
SELECT 'product-' || number, 'Product ' || number, '', '', 0, true, '{}', now(), now()
FROM generate_series(0, %s - 1) AS number
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the shop answers, and a secret key of it."""

    url: str
    key: str


@contextmanager
def open_services(kept: Path | None = None) -> Iterator[None]:
    """Durable services that vanish, and a migrated database for this process's Django.

    In the folder `kept`, where one is given, they are found again.
    """
    home = kept or Path(tempfile.mkdtemp(prefix="storefront-bench-"))
    services = Services(home, restart=False, disposable=kept is None)
    try:
        with services.lease():
            os.environ |= _environment(services)
            import django  # noqa: PLC0415 - reads the settings, which need the environment

            django.setup()
            from django.core.management import call_command  # noqa: PLC0415

            call_command("migrate", verbosity=0)
            yield
    finally:
        if kept is None:
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A shop with products whose log is empty; this process's Django uses its database too."""
    with open_services():
        key = _prepare()
        with web_server() as url:
            yield Shop(url, key)


@contextmanager
def black_hole() -> Iterator[str]:
    """The address of a listener that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/1"


@contextmanager
def running(*command: str, **environment: str) -> Iterator[None]:
    """A program of the shop, in a session of its own, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env=os.environ | environment,
        start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environment(services: Services) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "api.settings",
        "STOREFRONT_ENV": "test",
        "STOREFRONT_HOME": str(services.home),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.cache_url,
        "CELERY_BROKER_URL": services.broker_url,
        "LOG_LEVEL": "WARNING",
    }


def _prepare() -> str:
    from partners.services import create_api_key  # noqa: PLC0415 - Django must be set up

    fill_products()
    return create_api_key("benchmark", "secret")


def fill_products() -> None:
    """Make the products that events are of."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor:
        cursor.execute(_FILL, [PRODUCTS])
        cursor.execute("ANALYZE")


@contextmanager
def web_server(**environment: str) -> Iterator[str]:
    """Where the shop answers until the block ends, with `environment` changed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (
        "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
        "--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS),
        "--log-level", "warning", "api.wsgi:application",
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with running(*command, **environment):
        deadline = time.monotonic() + 60
        while not _answers(url):
            if time.monotonic() > deadline:
                raise SystemExit("the web server does not answer")
            time.sleep(0.1)
        yield url


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/livez").status_code == 200
    except httpx.TransportError:
        return False
