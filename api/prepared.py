"""Run a statement whose plan PostgreSQL keeps for the length of the connection."""

import re
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection

_PARAMETER = re.compile(r"%\((\w+)\)s")


def run_prepared(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows of `sql`, planned once per connection rather than once per call.

    Django's cursors write the parameters into the text and never prepare, which for a statement
    of many parts costs more than to run it. So this goes to psycopg's own cursor, on the same
    connection and in the same transaction, and lets it prepare this one statement.
    """
    _check_health()
    connection.ensure_connection()
    raw = connection.connection
    statement, names = number_parameters(sql)
    with _logged(sql), connection.wrap_database_errors, psycopg.RawCursor(raw) as cursor:
        usual, raw.prepare_threshold = raw.prepare_threshold, 0
        try:
            return cursor.execute(statement, [parameters[name] for name in names]).fetchall()
        finally:
            raw.prepare_threshold = usual


@contextmanager
def _logged(sql: str) -> Iterator[None]:
    """Put the statement on Django's list of queries where one is kept, as its own cursors do."""
    started = time.monotonic()
    yield
    if connection.queries_logged:
        taken = time.monotonic() - started
        connection.queries_log.append({"sql": sql, "time": f"{taken:.3f}"})


def _check_health() -> None:
    """Replace a connection that died between requests, without asking the server.

    Django asks, once in each request, which costs half as much as storing an event. A server that
    closes a connection, or dies, makes its socket readable, which one that waits for us is not.
    """
    raw = connection.connection
    if raw is None or connection.in_atomic_block or connection.health_check_done:  # type: ignore[attr-defined]
        return
    if raw.closed or not _is_quiet(raw.fileno()):
        connection.close_if_health_check_failed()
    connection.health_check_done = True  # type: ignore[attr-defined]


def _is_quiet(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return not poll.poll(0)


@lru_cache
def number_parameters(sql: str) -> tuple[str, tuple[str, ...]]:
    """`sql` with PostgreSQL's own `$1` in place of names, and the names in that order.

    psycopg would translate a statement of this length afresh each time.
    """
    names = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
    return _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql), names
