"""What was known a week before: earlier rows of a series, and sums over stores or products."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.demand.panels import Panel

Codes = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Where each row of a panel stands: (n,). `place` counts the rows of its series before it."""

    place: Codes
    by_place: list[Codes]  # rows of the same place, from the first place on

    @classmethod
    def of(cls, panel: Panel) -> "Rows":
        """The rows of `panel`."""
        starts = np.flatnonzero(np.diff(panel.series, prepend=-1))
        lengths = np.diff(np.append(starts, len(panel)))
        place = np.arange(len(panel)) - np.repeat(starts, lengths)
        order = np.argsort(place, kind="stable")
        cuts = np.cumsum(np.bincount(place))[:-1]
        return cls(place, list(np.split(order, cuts)))

    def lag(self, values: Values, steps: int) -> Values:
        """The value of the row `steps` before in the same series; NaN where there is none."""
        result = np.full(len(values), np.nan)
        result[steps:] = values[:-steps]
        result[self.place < steps] = np.nan
        return result

    def average(self, values: Values, rows: int) -> Values:
        """The mean of up to `rows` earlier rows of the series; NaN for a series' first."""
        total = np.append(0.0, np.cumsum(values))
        here = np.arange(len(values))
        count = np.minimum(self.place, rows)
        with np.errstate(invalid="ignore"):
            return np.asarray((total[here] - total[here - count]) / np.where(count, count, np.nan))

    def fade(self, values: Values, keep: float) -> Values:
        """Sum of the series' earlier values, of which each counts `keep` of the next."""
        result = np.zeros(len(values))
        for rows in self.by_place[1:]:
            result[rows] = keep * result[rows - 1] + values[rows - 1]
        return result

    def highest(self, values: Values, rows: int) -> Values:
        """The highest of the up to `rows` earlier values; NaN for a series' first."""
        result = self.lag(values, 1)
        for steps in range(2, rows + 1):
            result = np.fmax(result, self.lag(values, steps))
        return result


@dataclass(frozen=True, slots=True)
class WeeklySums:
    """Sums over all rows of a group (a product, a store) in a week, looked up by group and week."""

    keys: Codes
    sums: Values
    width: int

    @classmethod
    def of(cls, group: Codes, week: Codes, values: Values) -> "WeeklySums":
        """Sums of `values` (n,); NaN counts as nothing."""
        width = int(week.max()) + 2
        keys, inverse = np.unique(group * width + week, return_inverse=True)
        sums = np.bincount(inverse, np.nan_to_num(values)).astype(np.float64)
        return cls(keys, sums, width)

    def at(self, group: Codes, week: Codes) -> Values:
        """The sum of each group and week; NaN where there was no row."""
        wanted = group * self.width + week
        found = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        there = (self.keys[found] == wanted) & (week >= 0)
        return np.where(there, self.sums[found], np.nan)
