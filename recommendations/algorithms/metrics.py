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


def estimate(values: NDArray[np.float64], *, samples: int = 1_000, seed: int = 7) -> Estimate:
    """The mean of `values` (at least one), with a percentile bootstrap interval over users."""
    generator = np.random.default_rng(seed)
    means = [values[generator.integers(0, len(values), len(values))].mean() for _ in range(samples)]
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(values.mean()), float(low), float(high))
