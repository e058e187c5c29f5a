"""Many callers at once."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

SECONDS = 120
_SESSIONS = """
SELECT pid, pg_blocking_pids(pid), state, wait_event_type, wait_event, left(query, 200)
FROM pg_stat_activity WHERE datname = current_database()
"""


def in_threads(count: int, call: Callable[[int], Any]) -> list[Any]:
    """What `call(n)` returned, or raised, in each of `count` threads that start together.

    Each has a database connection of its own, open before the start. TimeoutError where they do
    not end.
    """
    barrier = threading.Barrier(count)
    answers: list[Any] = [None] * count

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            answers[number] = call(number)
        except Exception as error:  # noqa: BLE001 - shown by the test
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + SECONDS
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError(f"threads still wait after {SECONDS} s:\n{_what_sessions_do()}")
    return answers


def _what_sessions_do() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_SESSIONS)
        return "\n".join(map(str, cursor.fetchall()))
