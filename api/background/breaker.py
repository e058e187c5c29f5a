"""A breaker: what failed just now is left alone for a while, then tried by one caller at a time."""

import threading
import time

PAUSE_SECONDS = 5.0


class Breaker:
    """Shared by the threads of a process, so that few of them wait for what is down."""

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        self.pause = pause
        self._lock = threading.Lock()
        self._tried_again_at: float | None = None

    def admits(self) -> bool:
        """Whether the caller may try, and is then to `trip` or `reset`.

        After a pause that is one caller; the others wait for another pause, or until it succeeds.
        """
        if self._tried_again_at is None:
            return True
        with self._lock:
            now = time.monotonic()
            if now < (self._tried_again_at or now):
                return False
            self._tried_again_at = now + self.pause
            return True

    def trip(self) -> None:
        """Note a failure."""
        with self._lock:
            self._tried_again_at = time.monotonic() + self.pause

    def reset(self) -> None:
        """Note a success."""
        self._tried_again_at = None
