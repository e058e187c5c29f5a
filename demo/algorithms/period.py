"""The time that a sample shop's events cover; every time is in milliseconds since 1970."""

from dataclasses import dataclass

HOUR = 3_600_000
DAY = 24 * HOUR
WEEK = 7 * DAY


@dataclass(frozen=True)
class Period:
    """From `start` to `now`."""

    start: int
    now: int

    @property
    def days(self) -> float:
        """Its length in days."""
        return (self.now - self.start) / DAY
