"""Processes of their own on the test's database, made to be killed."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

NAME = "victim"
_STILL_THERE = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = %s
)
"""


def victims_environment() -> dict[str, str]:
    """What a victim starts with: the test's own database, at the services that the tests run on."""
    database = f"/{connection.settings_dict['NAME']}"
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=database))
    return os.environ | {"DATABASE_URL": url, "OPENBLAS_NUM_THREADS": "1", "PGAPPNAME": NAME}


def run_and_die(program: str, *arguments: str) -> None:
    """Run Python code that kills itself by SIGKILL, until the server too has seen it die."""
    died = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=victims_environment(),
        timeout=60, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr
    wait_for_the_dead()


def wait_for_the_dead() -> None:
    """Until PostgreSQL has ended the sessions of all victims, and let go of their locks.

    The server sees that a client is gone when its statement ends, which may be a moment later.
    """
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        while cursor.execute(_STILL_THERE, [NAME]).fetchone()[0]:
            assert time.monotonic() < deadline, "a killed process's session lives on"
            time.sleep(0.02)
