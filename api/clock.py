"""The clock by which a process forgets the rows that it remembers for a moment."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class MemoryClock:
    """Seconds, as `time.monotonic`; tests that count queries stop it, lest a memory runs out."""

    def __init__(self) -> None:
        self._stopped_at: float | None = None

    def __call__(self) -> float:
        """The seconds now."""
        return time.monotonic() if self._stopped_at is None else self._stopped_at

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Meanwhile no time passes."""
        self._stopped_at = time.monotonic()
        try:
            yield
        finally:
            self._stopped_at = None


memory_clock = MemoryClock()
