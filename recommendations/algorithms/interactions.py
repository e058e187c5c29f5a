"""From interactions to confidences: what each event says about a shopper's liking of a product."""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

DAY_SECONDS = 86_400.0
# Weights are rounded to multiples of 2 ** -20: their sums are then exact, so that they do not
# depend on the order in which the database returns the events.
_GRAIN = float(2**20)

# Their order gives each type its code in `Interactions.types`.
EVENT_TYPES = (
    "view",
    "click",
    "add_to_cart",
    "remove_from_cart",
    "purchase",
    "return",
    "not_interested",
)
TYPE_CODES = {name: code for code, name in enumerate(EVENT_TYPES)}


@dataclass(frozen=True, slots=True)
class ConfidenceSettings:
    """How much each event counts, how fast it fades, and the most that one shopper can say.

    `weights` are per unit of one event, in the order of EVENT_TYPES; negative ones count against.
    """

    weights: tuple[float, ...] = (1.0, 0.5, 3.0, -3.0, 5.0, -5.0, -10.0)
    half_life_days: float | None = 60.0
    # However old, an event keeps this much: a shop that slept for a year still knows its shoppers.
    oldest_counts: float = 0.05
    max_confidence: float = 100.0
    max_products_per_user: int = 1_000
    # All that a shopper says together: a robot's million views speak as loud as an eager customer.
    max_total: float = 4_000.0


@dataclass(frozen=True, slots=True)
class Interactions:
    """Parallel arrays, one entry per event; users and products are codes from 0.

    `weights` are signed and not yet faded; `times` are seconds since the epoch.
    """

    users: NDArray[np.int64]
    products: NDArray[np.int64]
    weights: NDArray[np.float64]
    times: NDArray[np.float64]
    shape: tuple[int, int] = field(default=(0, 0))

    def __len__(self) -> int:
        return len(self.users)

    def select(self, chosen: NDArray[np.bool_]) -> "Interactions":
        """The interactions where `chosen`, of the same shape."""
        return Interactions(
            self.users[chosen],
            self.products[chosen],
            self.weights[chosen],
            self.times[chosen],
            self.shape,
        )


def weigh_events(
    types: NDArray[np.integer], quantities: NDArray[np.floating], settings: ConfidenceSettings
) -> NDArray[np.float64]:
    """Signed weight of each event: its type's weight, times 1 + ln(quantity).

    The logarithm keeps a wholesale order of 1,000 from outweighing 1,000 shoppers.
    """
    damped = 1.0 + np.log(np.maximum(quantities.astype(np.float64), 1.0))
    return np.asarray(np.asarray(settings.weights)[types] * damped, dtype=np.float64)


def build_user_items(
    interactions: Interactions, settings: ConfidenceSettings, as_of: float
) -> sp.csr_matrix:
    """Confidences (users x products): faded sums of weights, never negative, capped.

    Capped are each pair, the number of a shopper's products, and then the sum of all of them.

    An event of age a counts 0.5 ** (a / half-life), but `oldest_counts` at least. A product whose
    sum is not positive, because it was returned or removed, has no entry.
    """
    weights = interactions.weights
    if settings.half_life_days is not None:
        ages = np.maximum(as_of - interactions.times, 0.0) / DAY_SECONDS
        faded = np.exp2(-ages / settings.half_life_days)
        weights = weights * np.maximum(faded, settings.oldest_counts)
    weights = np.round(weights * _GRAIN) / _GRAIN
    sums = sp.coo_matrix(
        (weights, (interactions.users, interactions.products)), shape=interactions.shape
    ).tocsr()
    sums.data = np.clip(sums.data, 0.0, settings.max_confidence)
    sums.eliminate_zeros()
    return cap_totals(cap_products(sums, settings.max_products_per_user), settings.max_total)


def build_seen(interactions: Interactions) -> sp.csr_matrix:
    """Which products each shopper had to do with in any way, as a matrix of ones."""
    ones = np.ones(len(interactions), dtype=np.float64)
    seen = sp.coo_matrix(
        (ones, (interactions.users, interactions.products)), shape=interactions.shape
    ).tocsr()
    seen.data[:] = 1.0
    return seen


def cap_totals(user_items: sp.csr_matrix, most: float) -> sp.csr_matrix:
    """`user_items` with each row whose sum is greater than `most` scaled down to it."""
    totals = np.asarray(user_items.sum(axis=1), dtype=np.float64).ravel()
    if totals.max(initial=0.0) <= most:
        return user_items
    shares = np.minimum(1.0, most / np.maximum(totals, most))
    values = user_items.data * np.repeat(shares, np.diff(user_items.indptr))
    return sp.csr_matrix((values, user_items.indices, user_items.indptr), shape=user_items.shape)


def cap_products(user_items: sp.csr_matrix, most: int) -> sp.csr_matrix:
    """`user_items` with at most the `most` strongest products of each row; equal ones by column."""
    lengths = np.diff(user_items.indptr)
    if not len(lengths) or lengths.max() <= most:
        return user_items
    kept = np.ones(user_items.nnz, dtype=bool)
    for row in np.flatnonzero(lengths > most).tolist():
        start, end = user_items.indptr[row], user_items.indptr[row + 1]
        strongest = np.argsort(-user_items.data[start:end], kind="stable")
        kept[start + strongest[most:]] = False
    pointers = np.concatenate([[0], np.cumsum(kept)])[user_items.indptr]
    return sp.csr_matrix(
        (user_items.data[kept], user_items.indices[kept], pointers.astype(np.int32)),
        shape=user_items.shape,
    )
