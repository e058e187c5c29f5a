"""Ranking metrics with binary gains, and bootstrap intervals of their means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over users with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def find_hits(
    ranked: NDArray[np.int64], relevant: Sequence[NDArray[np.int64]]
) -> NDArray[np.bool_]:
    """Whether each ranked product (users x k) is among that user's `relevant` ones."""
    rows = [np.isin(row, wanted) for row, wanted in zip(ranked, relevant, strict=True)]
    return np.array(rows, dtype=bool).reshape(ranked.shape)


def ndcg(hits: NDArray[np.bool_], relevant: NDArray[np.integer]) -> NDArray[np.float64]:
    """Normalised discounted cumulative gain per user, ideal lists cut at k.

    A hit at rank r gains 1 / log2(r + 1); `relevant` counts each user's relevant products.
    """
    k = hits.shape[1]
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discounts)[np.minimum(relevant, k) - 1]
    return np.asarray((hits * discounts).sum(axis=1) / ideal)


def recall(hits: NDArray[np.bool_], relevant: NDArray[np.integer]) -> NDArray[np.float64]:
    """Recall per user: the share of the relevant products that is shown."""
    return np.asarray(hits.sum(axis=1) / relevant)


def average_precision(
    hits: NDArray[np.bool_], relevant: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Average precision per user, over at most k relevant products."""
    k = hits.shape[1]
    precision = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    return np.asarray((precision * hits).sum(axis=1) / np.minimum(relevant, k))


def novelty(ranked: NDArray[np.int64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean self-information per user, in bits: how little known what is shown is.

    `shares` (products,) are each product's part of all that shoppers took; a product that nobody
    took counts as the rarest that somebody did. Zhou et al. (2010), doi 10.1073/pnas.1000488107.
    """
    least = shares[shares > 0].min(initial=1.0)
    information = -np.log2(np.maximum(shares, least))
    return np.asarray(information[ranked].mean(axis=1))


def coverage(ranked: NDArray[np.int64], known: NDArray[np.bool_]) -> float:
    """The share of the `known` products (products,) that is shown to anybody."""
    shown = np.zeros(len(known), dtype=bool)
    shown[ranked] = True
    return float((shown & known).sum() / max(known.sum(), 1))


def estimate(values: NDArray[np.float64], *, samples: int = 1_000, seed: int = 7) -> Estimate:
    """The mean of `values` (at least one), with a percentile bootstrap interval over users."""
    return estimate_all(values[:, None], samples=samples, seed=seed)[0]


def estimate_all(
    columns: NDArray[np.float64], *, samples: int = 1_000, seed: int = 7
) -> list[Estimate]:
    """The same for each column of (users x columns), from the same samples of users."""
    generator = np.random.default_rng(seed)
    users = len(columns)
    means = np.empty((samples, columns.shape[1]))
    for sample in range(samples):
        drawn = np.bincount(generator.integers(0, users, users), minlength=users)
        means[sample] = drawn @ columns / users
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    found = zip(columns.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True)
    return [Estimate(*values) for values in found]
