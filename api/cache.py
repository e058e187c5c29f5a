"""What django-redis is told to use: a client that rests after failures, and plain values.

A cache that is down is a cache miss, but a miss that waits for a timeout, several times in a
request, is an outage. django-redis turns these errors into misses (`IGNORE_EXCEPTIONS`).
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import orjson
import redis
from django_redis.serializers.base import BaseSerializer
from redis.client import Pipeline

from api.background.breaker import Breaker

logger = logging.getLogger(__name__)
T = TypeVar("T")

# By connection pool, of which django-redis keeps one per address and process.
_breakers: "WeakKeyDictionary[Any, Breaker]" = WeakKeyDictionary()


class PlainSerializer(BaseSerializer):  # type: ignore[misc]  # comes without types
    """Bytes as they are, all else as JSON: whoever can write to Redis can't run code here."""

    def dumps(self, value: Any) -> bytes:
        """`value` as it is kept; TypeError for what is neither bytes nor JSON."""
        return b"=" + value if isinstance(value, bytes) else b"{" + orjson.dumps(value)

    def loads(self, value: bytes) -> Any:
        """What was kept; None, which is a miss, for anything that was not kept so."""
        if value.startswith(b"="):
            return value[1:]
        try:
            return orjson.loads(value[1:]) if value.startswith(b"{") else None
        except orjson.JSONDecodeError:
            return None


class PausedError(redis.ConnectionError):
    """Redis failed a moment ago and is not asked."""


class PausingRedis(redis.Redis):
    """Raises PausedError, at once, for `PAUSE_SECONDS` after a failure to connect or answer."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """As Redis does."""
        execute = super().execute_command
        return _attempt(self, lambda: execute(*args, **options))  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: Any = True, shard_hint: Any = None) -> Pipeline:  # noqa: FBT002
        """As Redis does."""
        return PausingPipeline(
            self.connection_pool, self.response_callbacks, transaction, shard_hint
        )


class PausingPipeline(Pipeline):
    """Several commands at once, likewise."""

    def execute(self, *args: Any, **options: Any) -> list[Any]:
        """As Pipeline does."""
        execute = super().execute
        return _attempt(self, lambda: execute(*args, **options))


def _attempt(client: redis.Redis, call: Callable[[], T]) -> T:
    breaker = _breakers.setdefault(client.connection_pool, Breaker())
    if not breaker.admits():
        raise PausedError("Redis failed a moment ago.")
    try:
        answer = call()
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        breaker.trip()
        logger.warning("cache unreachable, left alone for %g s: %s", breaker.pause, error)
        raise
    except redis.ResponseError as error:
        breaker.reset()
        logger.warning("the cache refuses: %s", error)
        raise
    breaker.reset()
    return answer
