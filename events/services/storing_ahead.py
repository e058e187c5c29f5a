"""Store batches while the next ones are being read: an import's two halves, side by side."""

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from django.db import connection

from events.services.recording import Batch, Outcome, store_batch

STORERS = 2
# As many again may wait, so that a storer never does.
MOST_UNDER_WAY = 2 * STORERS

Job = tuple[Batch, Future[list[Outcome]]]


class StoringAhead:
    """Stores batches from threads with connections of their own; outcomes come in their order.

    Batches may be committed in another order than they were given in. At the end, also after an
    error, all that was given is stored. Inside a transaction, whose rows others do not see, the
    caller stores by itself.
    """

    def __init__(self, storers: int = STORERS) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._under_way: deque[Future[list[Outcome]]] = deque()
        count = 0 if connection.in_atomic_block else storers
        self._threads = [
            threading.Thread(target=_keep_storing, args=(self._jobs,), name="events", daemon=True)
            for _ in range(count)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def store(self, batch: Batch) -> Iterator[list[Outcome]]:
        """Take in a batch; outcomes of those that are done, as far as waiting is not needed.

        Raises what storing one of them raised.
        """
        result: Future[list[Outcome]] = Future()
        self._under_way.append(result)
        if self._threads:
            self._jobs.put((batch, result))
        else:
            _settle(result, batch)
        while self._under_way[0].done() or len(self._under_way) >= MOST_UNDER_WAY:
            yield self._under_way.popleft().result()
            if not self._under_way:
                return

    def rest(self) -> Iterator[list[Outcome]]:
        """Outcomes of all that is still under way."""
        while self._under_way:
            yield self._under_way.popleft().result()


def _keep_storing(jobs: "SimpleQueue[Job | None]") -> None:
    try:
        while (job := jobs.get()) is not None:
            batch, result = job
            _settle(result, batch)
    finally:
        connection.close()


def _settle(result: "Future[list[Outcome]]", batch: Batch) -> None:
    try:
        result.set_result(store_batch(batch))
    except Exception as error:  # noqa: BLE001 - raised again where the outcome is read
        result.set_exception(error)
