"""Reasons as JSON texts, put together from pieces that are encoded once per product and share."""

from functools import cache

import numpy as np
import orjson
from numpy.typing import NDArray

# Shares have four decimals.
_STEPS = 10_000
# Stands before each pair until it is known whether it is the first: JSON text never holds it.
_MARK = b"\x01"


class ReasonTexts:
    """`names` are the merchant's ids by column, None for what is gone and, at last, for -1."""

    def __init__(self, names: NDArray[np.object_]) -> None:
        self._known = np.array([name is not None for name in names], dtype=bool)
        self._names = np.empty(len(names), dtype=object)
        self._names[:] = [
            b"" if name is None else _MARK + b"[" + orjson.dumps(name) + b"," for name in names
        ]

    def documents(
        self, causes: NDArray[np.int64], shares: NDArray[np.float32], lengths: NDArray[np.integer]
    ) -> list[bytes]:
        """For each shopper the array, one entry per product, of [name, share] pairs.

        `causes` and `shares` are (shoppers x depth x reasons); a list ends after its length.
        """
        steps = np.rint(shares.astype(np.float64) * _STEPS).astype(np.int64).clip(0, _STEPS)
        steps[~self._known[causes]] = _STEPS + 1
        pairs = (self._names[causes] + _shares()[steps]).sum(axis=2, initial=b"").tolist()
        return [
            _document(row[:length]) for row, length in zip(pairs, lengths.tolist(), strict=True)
        ]


@cache
def _shares() -> NDArray[np.object_]:
    """What ends a pair, by steps of its share; at last what ends none."""
    ends = np.empty(_STEPS + 2, dtype=object)
    ends[:] = [*(orjson.dumps(n / _STEPS) + b"]" for n in range(_STEPS + 1)), b""]
    return ends


def _document(entries: list[bytes]) -> bytes:
    if not entries:
        return b"[]"
    text = b"[[" + b"],[".join(entries) + b"]]"
    return text.replace(b"[" + _MARK, b"[").replace(_MARK, b",")
