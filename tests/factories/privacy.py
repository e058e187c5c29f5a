"""Look for traces of somebody in every table and every Redis key."""

from collections.abc import Iterable

from celery import current_app
from django.core.cache import cache
from django.db import connection
from redis import Redis

_TABLES = """
SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


def tables_that_tell(*ids: str) -> set[str]:
    """Tables, also those outside the models, any column of which holds any of `ids` as text."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {table} AS r, unnest(%s::text[]) AS one (wanted)"
                " WHERE strpos(lower(r::text), lower(one.wanted)) > 0)",
                [list(ids)],
            )
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def tables_that_point_to(columns: dict[str, Iterable[object]]) -> set[str]:
    """Tables with a column called as a key of `columns` that holds one of its values."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = ANY(%s)",
            [list(columns)],
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text = ANY(%s))',
                [[str(value) for value in columns[column]]],
            )
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def redis_keys_that_tell(*ids: str) -> set[str]:
    """Keys of cache and broker whose name or value holds any of `ids`, bodies of tasks decoded."""
    url = current_app.conf.broker_url
    url = url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    clients = [cache.client.get_client(), Redis.from_url(url)]
    return {
        key.decode()
        for client in clients
        for key in client.scan_iter()
        if any(_holds(key + _value(client, key), one) for one in ids)
    }


def _holds(text: bytes, needle: str) -> bool:
    import base64  # noqa: PLC0415
    import re  # noqa: PLC0415

    decoded = b"".join(
        base64.b64decode(body) for body in re.findall(rb'"body": ?"([A-Za-z0-9+/=]+)"', text)
    )
    return needle.encode() in text + decoded


def _value(client, key: bytes) -> bytes:
    match client.type(key):
        case b"list":
            return b"".join(client.lrange(key, 0, -1))
        case b"hash":
            return b"".join(k + v for k, v in client.hgetall(key).items())
        case b"string":
            return client.get(key) or b""
        case b"set":
            return b"".join(client.smembers(key))
        case b"zset":
            return b"".join(client.zrange(key, 0, -1))
    return b""
