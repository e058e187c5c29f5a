"""Splits of what happened: train on one part, see what the other part confirms."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.interactions import Interactions, build_seen


@dataclass(frozen=True, slots=True)
class Split:
    """What is trained on, and per tested user the products that are new to them afterwards."""

    train: Interactions
    users: NDArray[np.int64]
    relevant: list[NDArray[np.int64]]
    as_of: float
    fades: bool = True


def split_by_time(interactions: Interactions, cut: float) -> Split:
    """Train on what happened before `cut` (seconds since the epoch), test on the rest."""
    before = interactions.times < cut
    return _split(interactions.select(before), interactions.select(~before), cut, fades=True)


def split_by_holdout(interactions: Interactions, fraction: float, seed: int = 7) -> Split:
    """Hold back a random `fraction` of each user's products.

    Such a split mixes past and future, so ages say nothing about what is held back: nothing fades.
    """
    users, products = interactions.shape
    pairs = interactions.users * np.int64(max(products, 1)) + interactions.products
    distinct, position = np.unique(pairs, return_inverse=True)
    owners = distinct // max(products, 1)
    order = np.lexsort((np.random.default_rng(seed).random(len(distinct)), owners))
    sizes = np.bincount(owners, minlength=users)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ranks = np.empty(len(distinct), dtype=np.int64)
    ranks[order] = np.arange(len(distinct)) - np.repeat(starts, sizes)
    held = ranks < np.round(fraction * sizes[owners])
    test = held[position]
    as_of = float(interactions.times.max(initial=0.0))
    return _split(interactions.select(~test), interactions.select(test), as_of, fades=False)


def _split(train: Interactions, test: Interactions, as_of: float, *, fades: bool) -> Split:
    """Keep of the test part what was taken, is new to its user, and is known in training."""
    seen = build_seen(train)
    bought = build_seen(train.select(train.weights > 0))
    known = np.asarray(bought.sum(axis=0)).ravel() > 0
    active = np.diff(bought.indptr) > 0
    taken = build_seen(test.select(test.weights > 0))
    fresh = (taken - taken.multiply(seen)).tocsr() @ sp.diags(known.astype(np.float64))
    fresh = sp.csr_matrix(sp.diags(active.astype(np.float64)) @ fresh)
    fresh.eliminate_zeros()
    users = np.flatnonzero(np.diff(fresh.indptr))
    relevant = [
        fresh.indices[fresh.indptr[user] : fresh.indptr[user + 1]].astype(np.int64)
        for user in users
    ]
    return Split(train, users, relevant, as_of, fades)


def sample_users(split: Split, most: int, seed: int = 7) -> Split:
    """`split` with at most `most` of its tested users, drawn at random."""
    if len(split.users) <= most:
        return split
    chosen = np.sort(np.random.default_rng(seed).permutation(len(split.users))[:most])
    relevant = [split.relevant[index] for index in chosen.tolist()]
    return Split(split.train, split.users[chosen], relevant, split.as_of, split.fades)
