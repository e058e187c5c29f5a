"""Run a statement whose plan PostgreSQL keeps for the length of the connection."""

import re
import select
import threading
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

_PARAMETER = re.compile(r"%\((\w+)\)s")
# Statements that a connection keeps, each for each set of types of its parameters.
KEPT_STATEMENTS = 100
# What is mended by preparing anew: the tables have changed; the statement is not there any more.
_STALE = {"0A000", "26000"}

Rows = list[tuple[Any, ...]]


class Binary(bytes):
    """A parameter in PostgreSQL's own binary form, of the type that the statement gives it."""

    __slots__ = ()


def run_prepared(sql: str, parameters: dict[str, Any]) -> Rows:
    """Rows of `sql`, if it has any, planned once per connection rather than once per call.

    Django's cursors write the parameters into the text and never prepare, which for a statement
    of many parts costs more than to run it. So this goes to psycopg's connection itself, in the
    same transaction.
    """
    return _run(sql, parameters, Format.TEXT)


def read_prepared(sql: str, parameters: dict[str, Any]) -> tuple[bytes | None, ...]:
    """The one row of `sql` likewise, each value in PostgreSQL's binary form, None for NULL.

    For long arrays, which numpy reads as they are (`api.arrays`).
    """
    row: tuple[bytes | None, ...] = _run(sql, parameters, Format.BINARY)[0]
    return row


def _run(sql: str, parameters: dict[str, Any], form: Format) -> Rows:
    # What `django.db.connection` stands for: each look through it costs a search by thread.
    django = connections[DEFAULT_DB_ALIAS]
    _check_health(django)
    django.ensure_connection()
    raw: psycopg.Connection[Any] = django.connection
    statement, names = number_parameters(sql)
    started = time.monotonic()
    try:
        with django.wrap_database_errors:
            return _execute(raw, statement, [parameters[name] for name in names], form)
    finally:
        if django.queries_logged:
            taken = time.monotonic() - started
            django.queries_log.append({"sql": sql, "time": f"{taken:.3f}"})


def _execute(
    raw: psycopg.Connection[Any], statement: bytes, values: list[Any], form: Format
) -> Rows:
    kept: _Statements | None = getattr(_own, "statements", None)
    if kept is None or kept.raw is not raw:
        kept = _own.statements = _Statements(raw)
    if not raw.autocommit and raw.pgconn.transaction_status == TransactionStatus.IDLE:
        # The transaction has yet to begin, which is psycopg's to do.
        with psycopg.RawCursor(raw) as cursor:
            cursor.execute(statement, values, binary=form == Format.BINARY)
            if form == Format.BINARY and cursor.pgresult:
                return [_first_row(cursor.pgresult)]
            return cursor.fetchall() if cursor.description else []
    return kept.run(statement, values, form)


class _Statements:
    """What a connection has prepared, and how its values are converted.

    A cursor of psycopg makes its converters anew for each statement, which takes longer than to
    fetch what most reads fetch.
    """

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw
        self._pgconn: PGconn = raw.pgconn
        raw.adapters.register_dumper(Binary, _AsItIs)
        self._convert = Transformer(raw)
        self._names: OrderedDict[tuple[bytes, tuple[int, ...]], bytes] = OrderedDict()
        self._prepared = 0

    def run(self, statement: bytes, values: list[Any], form: Format) -> Rows:
        """The rows of `statement`, with PostgreSQL's own numbered parameters.

        Values in binary are those of one row.
        """
        convert = self._convert
        given = convert.dump_sequence(values, [PyFormat.AUTO] * len(values))
        key = (statement, convert.types or ())
        name = self._names.get(key) or self._prepare(key)
        # The protocol forgets that a parameter may be None, which is NULL.
        result = self._pgconn.exec_prepared(name, given, convert.formats, form)  # type: ignore[arg-type]
        if result.status == ExecStatus.COMMAND_OK:
            return []
        if result.status != ExecStatus.TUPLES_OK:
            error = self._error(result)
            if error.sqlstate not in _STALE:
                raise error
            del self._names[key]
            if self._pgconn.transaction_status != TransactionStatus.IDLE:
                raise error  # the transaction is lost
            return self.run(statement, values, form)
        if form == Format.BINARY:
            return [_first_row(result)]
        convert.set_pgresult(result)
        return convert.load_rows(0, result.ntuples, tuple)

    def _prepare(self, key: tuple[bytes, tuple[int, ...]]) -> bytes:
        if len(self._names) >= KEPT_STATEMENTS:
            self._pgconn.exec_(b"DEALLOCATE " + self._names.popitem(last=False)[1])
        self._prepared += 1
        name = b"storefront_%d" % self._prepared
        result = self._pgconn.prepare(name, *key)
        if result.status != ExecStatus.COMMAND_OK:
            raise self._error(result)
        self._names[key] = name
        return name

    def _error(self, result: PGresult) -> psycopg.Error:
        if self._pgconn.status == ConnStatus.BAD:
            return psycopg.OperationalError(result.get_error_message())
        return error_from_result(result)


def _first_row(result: PGresult) -> tuple[bytes | None, ...]:
    return tuple(result.get_value(0, column) for column in range(result.nfields))


class _AsItIs(Dumper):
    """Sends `Binary`."""

    format = Format.BINARY

    def dump(self, obj: Any) -> bytes:
        return bytes(obj)


# A connection of Django's is one thread's own.
_own = threading.local()


def _check_health(django: Any) -> None:
    """Replace a connection that died between requests, without asking the server.

    Django asks, once in each request, which costs half as much as storing an event. A server that
    closes a connection, or dies, makes its socket readable, which one that waits for us is not.
    """
    raw = django.connection
    if raw is None or django.in_atomic_block or django.health_check_done:
        return
    if raw.closed or not _is_quiet(raw.fileno()):
        django.close_if_health_check_failed()
    django.health_check_done = True


def _is_quiet(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return not poll.poll(0)


@lru_cache
def number_parameters(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """`sql` with PostgreSQL's own `$1` in place of names, and the names in that order.

    psycopg would translate a statement of this length afresh each time.
    """
    names = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
    text = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql)
    return text.encode(), names
