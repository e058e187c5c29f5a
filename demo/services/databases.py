"""Which shop is in the database: a mark on the database itself, and a swap between shops.

The mark is the database's comment, so it lives and goes with the data, whatever happens to files.
Only embedded databases are swapped; one that `DATABASE_URL` names is only ever added to.
"""

import hashlib
import json
import os
from contextlib import suppress
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_redis import get_redis_connection
from psycopg import sql

from demo.exceptions import DemoError

MAINTENANCE = "postgres"
READ_MARK = """
    SELECT shobj_description(oid, 'pg_database') FROM pg_database
    WHERE datname = current_database()
"""


def read_mark() -> dict[str, Any]:
    """What the demo noted about the database: `source`, `digests`; empty where it noted nothing."""
    with connection.cursor() as cursor:
        cursor.execute(READ_MARK)
        (comment,) = cursor.fetchone()
    with suppress(TypeError, ValueError):
        mark = json.loads(comment)
        if isinstance(mark, dict):
            return mark
    return {}


def write_mark(source: str, digests: dict[str, str]) -> None:
    """Note what is in the database; without effect where we do not own it."""
    name = connection.settings_dict["NAME"]
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
        sql.Identifier(name), sql.Literal(json.dumps({"source": source, "digests": digests}))
    )
    with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def has_products() -> bool:
    """Whether anything was ever imported, or made by hand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('catalogue_product') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM catalogue_product)")
        return bool(cursor.fetchone()[0])


def make_room(source: str) -> str | None:
    """Have the embedded database hold `source` or nothing.

    Another shop's database is put aside under another name, and this one's, if it was put aside
    earlier, is taken out again. Returns the name under which the other one now stands, or None.
    """
    held = read_mark().get("source")
    if held == source or not has_products():
        return None
    aside = _aside_name(held) if held else _own_name()
    _swap(aside, _aside_name(source))
    _forget_caches()
    return aside


def _aside_name(source: str) -> str:
    """The name of a database that was put aside; the same for the same source."""
    return f"{_live_name()}_{hashlib.sha256(source.encode()).hexdigest()[:10]}"


def _own_name() -> str:
    """A name of its own for each database whose content the demo did not load."""
    return _aside_name(f"own {timezone.now().isoformat()}")


def _live_name() -> str:
    return str(connection.settings_dict["NAME"])


def _swap(aside: str, wanted: str) -> None:
    connection.close()
    parameters = connection.get_connection_params()
    address = {name: parameters[name] for name in ("host", "port", "user") if name in parameters}
    names = [sql.Identifier(name) for name in (_live_name(), aside, wanted)]
    live, put_aside, taken_out = names
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        with psycopg.connect(dbname=MAINTENANCE, autocommit=True, **address) as server:
            if not _exists(server, wanted):
                server.execute(sql.SQL("CREATE DATABASE {}").format(taken_out))
            with server.transaction():
                server.execute(rename.format(live, put_aside))
                server.execute(rename.format(taken_out, live))
    except psycopg.Error as error:
        reason = str(error).splitlines()[0]
        raise DemoError(f"the shop in the database can't be put aside: {reason}") from error


def _exists(server: psycopg.Connection[Any], name: str) -> bool:
    found = server.execute("SELECT FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def _forget_caches() -> None:
    """Empty Redis: what is cached and queued belongs to the shop that was put aside.

    The queues hold nudges only; what they are about is in the database.
    """
    get_redis_connection("default").flushall()


def uses_embedded_services() -> bool:
    """Whether the database is the data folder's own."""
    return not os.environ.get("DATABASE_URL")
