"""Throw-away services for every test run, in place before Django's settings are read."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from api.clock import memory_clock
from api.embedded import Services, throwaway
from api.embedded.services import home_services

# A change passes or fails for what it is: the ordinary run tries the same cases each time. `make
# soak` goes looking, with new ones each time. Machines are too uneven for deadlines.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None)
settings.load_profile("repeatable")

HOME_VARIABLE = "STOREFRONT_TEST_HOME"
_running = ExitStack()


def _use_services(services: Services, worker: str) -> None:
    """Point the settings at `services`; each xdist worker has Redis databases of its own."""
    first = 2 * (int(worker.removeprefix("gw")) + 1) if worker else 0
    os.environ |= _environment(services, first) | {"DJANGO_SETTINGS_MODULE": "api.settings"}


def _environment(services: Services, first: int = 0) -> dict[str, str]:
    return {
        "STOREFRONT_ENV": "test",
        "STOREFRONT_HOME": str(services.home),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.layout.redis_url(first),
        "CELERY_BROKER_URL": services.layout.broker_url(first + 1),
    }


def pytest_configure() -> None:
    """Start the services once, in the controller; the workers are its children."""
    from django.conf import settings  # noqa: PLC0415

    # A background job ignores SIGINT and so would all that the tests start, and mean to interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if settings.configured:
        raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: the tests choose their own settings")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        services = home_services(Path(os.environ[HOME_VARIABLE]))
    else:
        services = _running.enter_context(throwaway())
        os.environ[HOME_VARIABLE] = str(services.home)
    _use_services(services, worker)
    assert settings.DATABASES  # reads the settings; pytest-django then sets Django up


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each worker choose its Redis databases before it reads the settings."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_unconfigure() -> None:
    """Stop them, also after Ctrl-C; a killed run is noticed by the services' guard."""
    _running.close()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name no bytes by their content: gzip's holds the time, and all must collect alike."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def private_services() -> Iterator[Services]:
    """Services of the test's own, to kill: what dies stays down until `.start()`."""
    with throwaway(restart=False) as services:
        yield services


@pytest.fixture
def private_environment(private_services: Services) -> dict[str, str]:
    """The environment of a process that uses `private_services`; its database is empty."""
    return os.environ | _environment(private_services)


@pytest.fixture
def steady_memory():
    """What a process remembers for a moment stays remembered, so that queries can be counted."""
    with memory_clock.stopped():
        yield


@pytest.fixture(autouse=True)
def memory_while_queries_are_counted(request):
    """The same wherever pytest-django counts queries."""
    if {"django_assert_num_queries", "django_assert_max_num_queries"} & set(request.fixturenames):
        request.getfixturevalue("steady_memory")
