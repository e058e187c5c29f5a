"""Reasons of many shoppers at once in the form that is stored."""

import numpy as np
from numpy.typing import NDArray

from recommendations.models.reasons import NONE, SPAN, STEPS, pack_codes

NO_REASONS = pack_codes([], 1, [])


class ReasonTexts:
    """`names` are the merchant's ids by column, None for what is gone and, at last, for -1."""

    def __init__(self, names: NDArray[np.object_]) -> None:
        self._names = names
        self._known = np.array([name is not None for name in names], dtype=bool)

    def documents(
        self, causes: NDArray[np.int64], shares: NDArray[np.float32], lengths: NDArray[np.integer]
    ) -> list[bytes]:
        """For each shopper the reasons of the products that are shown.

        `causes` and `shares` are (shoppers x explained x reasons); of a list that is shorter the
        rest is left out.
        """
        shoppers, explained, width = causes.shape
        if not width:
            return [NO_REASONS] * shoppers
        size = len(self._names)
        # Sorted within each shopper, equal causes have one place, counted from the shopper's first.
        keys = (causes % size + np.arange(shoppers)[:, None, None] * size).ravel()
        distinct, places = np.unique(keys, return_inverse=True)
        firsts = np.searchsorted(distinct, np.arange(shoppers + 1) * size)
        named = self._names[distinct % size]
        codes = (places.reshape(causes.shape) - firsts[:-1, None, None]) * SPAN
        codes += np.rint(shares.astype(np.float64) * STEPS).astype(np.int64).clip(0, STEPS)
        codes[~self._known[causes]] = NONE
        codes = codes.reshape(shoppers, explained * width)
        bounds = zip(firsts[:-1].tolist(), firsts[1:].tolist(), strict=True)
        return [
            pack_codes(named[start:end].tolist(), width, codes[row, : length * width])
            for row, ((start, end), length) in enumerate(
                zip(bounds, np.minimum(lengths, explained).tolist(), strict=True)
            )
        ]
