"""Calls that a process may let through without asking Redis again: a small advance on a bucket.

An advance was taken from the bucket, so all processes together never let through more than it
holds. It grows while it is used up, up to a hundredth of a second's calls, and lapses after a
second, so somebody who calls seldom takes no more than they use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache

ADVANCE_SECONDS = 1.0
# A bucket of so many calls a minute lends one of them in advance.
CALLS_PER_ADVANCE = 6_000
KEPT_BUCKETS = 8_192


class Ask(NamedTuple):
    """What has to be taken from a bucket: its name, its calls a minute, and how many."""

    bucket: str
    rate: int
    calls: int


@dataclass(slots=True)
class _Advance:
    size: int
    left: int
    until: float


class Allowances:
    """The advances that this process holds, by bucket."""

    def __init__(self) -> None:
        self._advances: LRUCache[str, _Advance] = LRUCache(KEPT_BUCKETS)
        self._lock = Lock()

    def spend(self, rates: Mapping[str, int], now: float) -> list[Ask]:
        """Count a call of each bucket; else nothing is counted, and these have to be asked."""
        with self._lock:
            advances = [self._advances.get(bucket) for bucket in rates]
            if all(one is not None and one.left > 0 and now < one.until for one in advances):
                for one in advances:
                    one.left -= 1  # type: ignore[union-attr]  # none is None here
                return []
            return [
                Ask(bucket, rate, _wanted(one, rate, now))
                for (bucket, rate), one in zip(rates.items(), advances, strict=True)
                if one is None or one.left <= 0 or now >= one.until
            ]

    def lend(self, rates: Mapping[str, int], taken: Sequence[Ask], now: float) -> None:
        """Keep what was `taken`, and count the call of each bucket."""
        with self._lock:
            for ask in taken:
                former = self._advances.get(ask.bucket)
                left = former.left if former is not None and now < former.until else 0
                self._advances[ask.bucket] = _Advance(
                    ask.calls, left + ask.calls, now + ADVANCE_SECONDS
                )
            for bucket in rates:
                if one := self._advances.get(bucket):
                    one.left -= 1

    def forget(self) -> None:
        """Hold nothing."""
        with self._lock:
            self._advances.clear()


def _wanted(former: _Advance | None, rate: int, now: float) -> int:
    """Twice as many as were used up in time; as many as were used where the rest has lapsed."""
    if former is None:
        return 1
    wanted = former.size - max(former.left, 0) if now >= former.until else 2 * former.size
    return max(1, min(wanted, rate // CALLS_PER_ADVANCE))
