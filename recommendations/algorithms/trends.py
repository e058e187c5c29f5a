"""What rises against the usual, rather than what many take anyway."""

import numpy as np
from numpy.typing import NDArray

# So many shoppers are surprise enough for a product that nobody knew.
PRIOR = 10.0
LEAST_SHOPPERS = 3
LEAST_RISE = 1.0


def measure_rise(
    recent: NDArray[np.float64], usual: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """By how many standard deviations each product exceeds what was to be expected; (n,).

    `recent` and `usual` hold distinct shoppers by product and type (n, types), in the recent time
    and in as long a time before it. What all products gained alike is no rise of any of them:
    `usual` is scaled to the recent total of each type. Counts are taken as Poisson's, so the
    variance of a weighted sum is that of its expectation, weights squared; PRIOR keeps few shoppers
    from standing for many. 0 for fewer than LEAST_SHOPPERS, and where nothing is usual yet.
    """
    totals = usual.sum(axis=0)
    growth = np.divide(recent.sum(axis=0), totals, out=np.zeros_like(totals), where=totals > 0)
    expected = usual * growth
    known = totals > 0
    surprise = (recent[:, known] - expected[:, known]) @ weights[known]
    spread = np.sqrt(expected[:, known] @ weights[known] ** 2 + PRIOR)
    rise = surprise / spread
    rise[recent.max(axis=1, initial=0.0) < LEAST_SHOPPERS] = 0.0
    return np.asarray(rise)
