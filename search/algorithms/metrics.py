"""How good a ranking is, against grades given by people."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grades = Mapping[str, float]
Metric = Callable[[Sequence[str], Grades], float | None]

RELEVANT_GRADE = 2


def ndcg(ranked: Sequence[str], grades: Grades, k: int = 10) -> float | None:
    """nDCG@k: gain = grade, discount 1 / log2(rank + 1), unjudged 0, ideal from all judged.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002.
    None where no judged product has a grade above 0: such a query can't tell rankings apart.
    """
    ideal = _discounted(sorted(grades.values(), reverse=True)[:k])
    if ideal <= 0:
        return None
    return _discounted([grades.get(product, 0.0) for product in ranked[:k]]) / ideal


def recall(ranked: Sequence[str], grades: Grades, k: int = 100) -> float | None:
    """Share of the products of grade 2 or more among the first `k`; None where there is none."""
    relevant = {product for product, grade in grades.items() if grade >= RELEVANT_GRADE}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else None


def reciprocal_first(ranked: Sequence[str], grades: Grades) -> float | None:
    """1 / rank of the first product of grade 2 or more, 0 without one; None where none exists."""
    if not any(grade >= RELEVANT_GRADE for grade in grades.values()):
        return None
    ranks = (r for r, p in enumerate(ranked, 1) if grades.get(p, 0) >= RELEVANT_GRADE)
    return 1 / next(ranks, math.inf)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


METRICS: dict[str, Metric] = {"ndcg@10": ndcg, "recall@100": recall, "mrr": reciprocal_first}


def bootstrap_interval(
    values: Sequence[float], *, confidence: float = 0.95, resamples: int = 2_000, seed: int = 0
) -> tuple[float, float, float]:
    """Mean of `values` and the percentile bootstrap interval around it; NaN for no values.

    Efron and Tibshirani, "An Introduction to the Bootstrap", chapter 13. The same seed resamples
    the same queries for every ranking, so intervals can be compared.
    """
    if not values:
        return math.nan, math.nan, math.nan
    sample: NDArray[np.float64] = np.asarray(values, np.float64)
    chosen = np.random.default_rng(seed).integers(0, len(sample), (resamples, len(sample)))
    low, high = np.quantile(
        sample[chosen].mean(axis=1), [(1 - confidence) / 2, (1 + confidence) / 2]
    )
    return float(sample.mean()), float(low), float(high)


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one ranking is better than another on the same queries, and how surely.

    `value` is the mean difference, between `low` and `high` with 95 % confidence; `p` is how often
    chance alone would give as large a one.
    """

    value: float
    low: float
    high: float
    p: float


def paired_difference(
    ours: Sequence[float], theirs: Sequence[float], *, resamples: int = 10_000, seed: int = 0
) -> Difference:
    """How much better `ours` is than `theirs`, query by query; NaN for no queries.

    Fisher's randomisation test, which Smucker, Allan and Carterette, "A comparison of statistical
    significance tests for information retrieval evaluation", CIKM 2007, recommend: signs of the
    differences are flipped at random. The interval is the bootstrap's.
    """
    differences: NDArray[np.float64] = np.subtract(ours, theirs)
    if not len(differences):
        return Difference(math.nan, math.nan, math.nan, math.nan)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (resamples, len(differences)))
    by_chance = np.abs((signs * differences).mean(axis=1))
    # The sums' last bits differ by their order.
    beaten = int(np.sum(by_chance >= abs(differences.mean()) - 1e-12))
    _, low, high = bootstrap_interval(differences.tolist(), seed=seed)
    return Difference(float(differences.mean()), low, high, (beaten + 1) / (resamples + 1))
