"""Popularity: how many shoppers took a product."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.interactions import DAY_SECONDS, Interactions


def count_shoppers(interactions: Interactions) -> NDArray[np.float64]:
    """How many distinct shoppers took each product (products,); one shopper counts once."""
    liked = interactions.weights > 0
    pairs = (interactions.users[liked], interactions.products[liked])
    # A matrix has an entry per pair, however often it occurs: several times as fast as np.unique.
    ones = np.ones(len(pairs[0]), dtype=bool)
    taken = sp.coo_matrix((ones, pairs), interactions.shape).tocsr()
    counts = np.bincount(taken.indices, minlength=interactions.shape[1])
    return counts.astype(np.float64)


def count_recent_shoppers(
    interactions: Interactions, as_of: float, days: float = 30.0
) -> NDArray[np.float64]:
    """The same over the `days` before `as_of` (seconds since the epoch)."""
    return count_shoppers(interactions.select(interactions.times >= as_of - days * DAY_SECONDS))
