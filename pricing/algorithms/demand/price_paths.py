"""Prices that were in force from time to time, as their average over a day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PricePaths:
    """Periods with a price (n,), by product, variant and time; times are days from a start.

    `paid` and `covered` are the integrals of log price ratio and of 1 up to each period's start.
    """

    variant: Codes  # codes from 0, of one product next to each other
    start: Values
    end: Values
    log_ratio: Values
    paid: Values
    covered: Values
    first_of_variant: Codes  # (variants,) positions
    first_of_product: Codes  # (products + 1,) variants

    @classmethod
    def of(
        cls, product: Codes, variant: Codes, start: Values, end: Values, log_ratio: Values
    ) -> "PricePaths":
        """Paths from periods ordered by product (codes), variant and start, which don't overlap."""
        fresh = np.flatnonzero(np.diff(variant, prepend=-1))
        codes = np.cumsum(np.diff(variant, prepend=-1) != 0) - 1
        length = end - start
        owners = product[fresh]
        count = int(product.max(initial=-1)) + 1
        return cls(
            variant=codes, start=start, end=end, log_ratio=log_ratio,
            paid=np.cumsum(length * log_ratio) - length * log_ratio,
            covered=np.cumsum(length) - length,
            first_of_variant=fresh,
            first_of_product=np.searchsorted(owners, np.arange(count + 1)),
        )  # fmt: skip

    def on_days(self, product: Codes, day: Codes) -> Values:
        """The mean log ratio over each day and over the product's variants; NaN where none was.

        `product` and `day` are (m,).
        """
        known = product < len(self.first_of_product) - 1
        owner = np.where(known, product, 0)
        if not len(self.variant):
            return np.full(len(product), np.nan)
        begin = self.first_of_product[owner]
        count = np.where(known, self.first_of_product[owner + 1] - begin, 0)
        row = np.repeat(np.arange(len(product)), count)
        within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        variant, when = begin[row] + within, day[row].astype(np.float64)
        paid, covered = self._until(variant, when)
        paid_after, covered_after = self._until(variant, when + 1.0)
        total = np.bincount(row, paid_after - paid, len(product))
        time = np.bincount(row, covered_after - covered, len(product))
        return np.where(time > 1e-9, total / np.where(time > 1e-9, time, 1.0), np.nan)

    def _until(self, variant: Codes, when: Values) -> tuple[Values, Values]:
        """Both integrals of each variant up to each time (m,)."""
        stride = float(max(self.end.max(), when.max(initial=0.0))) + 1.0
        keys = self.variant * stride + self.start
        found = np.searchsorted(keys, variant * stride + when, side="right") - 1
        first = self.first_of_variant[variant]
        before = found < first
        at = np.where(before, first, found)
        passed = np.where(before, 0.0, np.clip(when, self.start[at], self.end[at]) - self.start[at])
        return self.paid[at] + passed * self.log_ratio[at], self.covered[at] + passed
