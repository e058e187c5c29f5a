"""Popularity: how many shoppers took a product."""

import numpy as np
from numpy.typing import NDArray

from recommendations.algorithms.interactions import DAY_SECONDS, Interactions


def count_shoppers(interactions: Interactions) -> NDArray[np.float64]:
    """How many distinct shoppers took each product (products,); one shopper counts once."""
    products = interactions.shape[1]
    liked = interactions.weights > 0
    pairs = np.unique(interactions.users[liked] * np.int64(products) + interactions.products[liked])
    counts = np.bincount(pairs % products if products else pairs, minlength=products)
    return counts.astype(np.float64)


def count_recent_shoppers(
    interactions: Interactions, as_of: float, days: float = 30.0
) -> NDArray[np.float64]:
    """The same over the `days` before `as_of` (seconds since the epoch)."""
    return count_shoppers(interactions.select(interactions.times >= as_of - days * DAY_SECONDS))
