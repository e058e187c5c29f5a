"""Nudge a worker: enqueue a task, never wait for a broker that is down, never fail the caller.

The broker is not the record: whatever must happen is a row first, and a Beat sweep finds what a
lost nudge left behind. So a nudge may be dropped; a request may not be slowed by it.
"""

import functools
import logging
from typing import Any

from celery import Task, current_app
from kombu import Connection
from kombu.pools import producers

from api.background.breaker import Breaker

logger = logging.getLogger(__name__)

# What a worker may wait for in peace, a request may not.
HASTE = {"socket_connect_timeout": 0.3, "socket_timeout": 0.5, "max_retries": 0}
ACQUIRE_SECONDS = 0.3

breaker = Breaker()


def nudge(task: Task[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Enqueue `task`; False (and a log line) where the broker could not be reached."""
    if not breaker.admits():
        return False
    try:
        pool = producers[_broker(current_app.conf.broker_write_url)]
        with pool.acquire(block=True, timeout=ACQUIRE_SECONDS) as producer:
            task.apply_async(args=args, kwargs=kwargs, producer=producer, retry=False)
    except Exception as error:  # noqa: BLE001 - a client library's errors have no common base
        breaker.trip()
        logger.warning("broker unreachable, %s left to the sweep: %s", task.name, error)
        return False
    breaker.reset()
    return True


@functools.cache
def _broker(url: str) -> Connection:
    """The broker as nudges use it; its pool is kombu's, which forked children empty."""
    return current_app.connection_for_write(url, transport_options=HASTE)
