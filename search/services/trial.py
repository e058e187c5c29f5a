"""A throw-away database on the live one's server, gone again whatever happens."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from psycopg import sql

_MARK = "_trial_"
# Trials that a kill left behind: nobody is connected to them any more.
_ABANDONED = """
SELECT datname FROM pg_database
WHERE starts_with(datname, %s)
  AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pg_stat_activity.datname = pg_database.datname)
"""


@contextmanager
def trial_database() -> Iterator[str]:
    """Point the default connection at a new, migrated, empty database; drop it in the end.

    Yields its name. Only this thread's connection is pointed there.
    """
    live = str(connection.settings_dict["NAME"])
    _drop_abandoned(live)
    trial = f"{live[:40]}{_MARK}{secrets.token_hex(4)}"
    _run("CREATE DATABASE {}", trial)
    try:
        _connect_to(trial)
        call_command("migrate", verbosity=0)
        yield trial
    finally:
        _connect_to(live)
        _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", trial)


def _drop_abandoned(live: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ABANDONED, [live[:40] + _MARK])
        abandoned = [name for (name,) in cursor]
    for name in abandoned:
        _run("DROP DATABASE IF EXISTS {}", name)


def _connect_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _run(statement: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(sql.Identifier(name)).as_string())
