"""Tasks that wait in the broker and name somebody: harmless, for they would be refused, but there.

Kombu's Redis transport keeps a queue as a list of JSON messages whose body is base64, see
kombu.transport.redis. What a worker has taken already is no longer in them.
"""

import base64
import json
import logging
from collections.abc import Sequence
from typing import Any

import orjson
from celery import current_app
from redis import Redis, RedisError

logger = logging.getLogger(__name__)

QUEUES = ("fast", "pipeline")


def drop_messages(names: Sequence[str]) -> int:
    """Take the tasks that name any of `names` off the queues; how many there were.

    A broker that is down holds nothing up: what it has is refused when it is delivered.
    """
    url = current_app.conf.broker_url
    if not names or not url.startswith(("redis", "unix")):
        return 0
    needles = [json.dumps(name) for name in names] + [orjson.dumps(name).decode() for name in names]
    try:
        with Redis.from_url(
            _redis_url(url), socket_connect_timeout=0.5, socket_timeout=5
        ) as broker:
            return sum(_drop(broker, queue, needles) for queue in QUEUES)
    except (RedisError, OSError) as error:
        logger.warning("queues not looked through for an erasure: %s", error)
        return 0


def _drop(broker: Redis, queue: str, needles: Sequence[str]) -> int:
    messages: list[Any] = broker.lrange(queue, 0, -1)
    return sum(broker.lrem(queue, 0, one) for one in messages if _names(one, needles))


def _names(message: bytes, needles: Sequence[str]) -> bool:
    body = orjson.loads(message)["body"]
    text = base64.b64decode(body).decode()
    return any(needle in text for needle in needles)


def _redis_url(url: str) -> str:
    """Kombu's `redis+socket:///path?virtual_host=1` in redis-py's words."""
    return url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
