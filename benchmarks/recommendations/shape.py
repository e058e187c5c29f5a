"""Interactions of MovieLens-20M's shape, drawn: as many users and products, as skewed."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

USERS, PRODUCTS, PAIRS = 138_493, 26_744, 20_000_263
TASTES = 24
# What a user takes of each of two tastes; the rest is anything.
FIRST, SECOND = 0.45, 0.30


@dataclass(frozen=True, slots=True)
class Pairs:
    """Who took what, each pair once; parallel arrays."""

    users: NDArray[np.int32]
    products: NDArray[np.int32]
    shape: tuple[int, int]

    def matrix(self) -> sp.csr_matrix:
        """Ones (users x products)."""
        ones = np.ones(len(self.users), dtype=np.float32)
        return sp.csr_matrix((ones, (self.users, self.products)), shape=self.shape)


def draw_pairs(scale: float = 1.0, seed: int = 7) -> Pairs:
    """About `scale` times MovieLens-20M's users and pairs, over all of its products.

    Users have 20 products at least and 144 on average, products are as unequal as films are, and
    two of 24 tastes make up most of what a user takes.
    """
    generator = np.random.default_rng(seed)
    users, wanted = max(int(USERS * scale), 50), int(PAIRS * scale)
    activity = np.clip(np.exp(generator.normal(4.2, 1.15, users)), 20, 4_000)
    counts = np.maximum(activity / activity.sum() * wanted, 20).astype(np.int64)
    popularity = np.exp(generator.normal(0, 1.9, PRODUCTS))
    taste = generator.integers(0, TASTES, PRODUCTS)
    own = generator.integers(0, TASTES, (users, 2))
    pairs = np.empty(0, dtype=np.int64)
    # Repeats are drawn again, a few times; what is then still missing is left out.
    for _ in range(5):
        missing = np.maximum(counts - np.bincount(pairs // PRODUCTS, minlength=users), 0)
        drawn_for = np.repeat(np.arange(users), missing)
        products = _draw(generator, own[drawn_for], taste, popularity)
        pairs = np.unique(np.concatenate([pairs, drawn_for * PRODUCTS + products]))
    return Pairs(
        (pairs // PRODUCTS).astype(np.int32), (pairs % PRODUCTS).astype(np.int32), (users, PRODUCTS)
    )


def _draw(
    generator: np.random.Generator,
    own: NDArray[np.int64],
    taste: NDArray[np.int64],
    popularity: NDArray[np.float64],
) -> NDArray[np.int64]:
    """A product for each row of `own` (n x 2 tastes), by popularity within the taste drawn."""
    draw = generator.random(len(own))
    chosen = np.where(draw < FIRST, own[:, 0], np.where(draw < FIRST + SECOND, own[:, 1], -1))
    products = np.empty(len(own), dtype=np.int64)
    for one in range(-1, TASTES):
        places = np.flatnonzero(chosen == one)
        members = np.arange(PRODUCTS) if one < 0 else np.flatnonzero(taste == one)
        shares = np.cumsum(popularity[members])
        at = generator.random(len(places)) * shares[-1]
        products[places] = members[np.minimum(np.searchsorted(shares, at), len(members) - 1)]
    return products
