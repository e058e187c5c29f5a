"""Many callers at once."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections


def in_threads(count: int, call: Callable[[int], Any]) -> list[Any]:
    """What `call(n)` returned, or raised, in each of `count` threads that start together.

    Each has a database connection of its own, open before the start.
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
    for thread in threads:
        thread.join(60)
    return answers
