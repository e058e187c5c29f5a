"""Past prices of the sample shop: weekly, around the list price, as a shop experiments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.period import WEEK, Period

LEVELS = np.array([0.65, 0.75, 0.85, 0.92, 1.0, 1.06, 1.12, 1.2])
WEIGHTS = np.array([0.08, 0.12, 0.14, 0.10, 0.32, 0.07, 0.10, 0.07])
STAYS = 0.45  # share of the prices that stay for another week
NEVER_MOVES = 0.15  # share of the products


@dataclass(frozen=True)
class PricePaths:
    """`ratio` (weeks, products) of each week's price to the list price.

    Week 0 is the last before `now` (milliseconds) and at list price, which is what the shop's
    offers show; higher weeks lie further back.
    """

    ratio: NDArray[np.float64]
    now: int

    def week_of(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """The week of each time in milliseconds, none of which is after `now`."""
        weeks: NDArray[np.int64] = np.minimum((self.now - times) // WEEK, len(self.ratio) - 1)
        return weeks

    def at(self, products: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.float64]:
        """Each product's ratio at the time beside it."""
        ratios: NDArray[np.float64] = self.ratio[self.week_of(times), products]
        return ratios


def draw_price_paths(
    list_price: NDArray[np.int64], period: Period, rng: np.random.Generator
) -> PricePaths:
    """Paths over `period` for products with these list prices (cents).

    Levels do not depend on demand, so a plain regression on them is not confounded.
    """
    weeks = -(-(period.now - period.start) // WEEK)
    count = len(list_price)
    levels = rng.choice(LEVELS, size=(weeks, count), p=WEIGHTS)
    stays = rng.random((weeks, count)) < STAYS
    for week in range(weeks - 2, -1, -1):
        levels[week] = np.where(stays[week], levels[week + 1], levels[week])
    levels[:, rng.random(count) < NEVER_MOVES] = 1.0
    levels[0] = 1.0
    cents = np.where(levels == 1.0, list_price, np.round(list_price * levels / 10) * 10 - 1)
    return PricePaths(ratio=np.maximum(cents, 1) / list_price, now=period.now)
