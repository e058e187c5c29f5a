"""Run a statement whose plan PostgreSQL keeps for the length of the connection."""

from typing import Any

import psycopg
from django.db import connection


def run_prepared(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows of `sql`, planned once per connection rather than once per call.

    Django's cursors write the parameters into the text and never prepare, which for a statement
    of many parts costs more than to run it. So this goes to psycopg's own cursor, on the same
    connection and in the same transaction, and lets it prepare this one statement.
    """
    connection.close_if_health_check_failed()  # as Django's cursors do, once in each request
    connection.ensure_connection()
    raw = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        usual, raw.prepare_threshold = raw.prepare_threshold, 0
        try:
            return cursor.execute(sql, parameters).fetchall()
        finally:
            raw.prepare_threshold = usual
