"""Re-rank towards the categories that a shopper prefers, within bounds."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from search.algorithms.fusion import Candidate, order_candidates

MAX_BOOST = 0.2


def boost_preferred(
    candidates: Iterable[Candidate],
    categories: Mapping[int, int | None],
    weights: Mapping[int, float],
    max_boost: float = MAX_BOOST,
) -> list[Candidate]:
    """`candidates` reordered: a product of the most preferred category gains `max_boost`.

    `categories` holds the category id of each product id where it has one; `weights` a positive
    weight by category id, of any scale. Other categories gain in proportion.
    """
    top = max(weights.values(), default=0.0)
    if top <= 0:
        return order_candidates(candidates)
    return order_candidates(
        _boosted(candidate, max_boost * (max(_liking(candidate, categories, weights), 0.0) / top))
        for candidate in candidates
    )


def _liking(
    candidate: Candidate, categories: Mapping[int, int | None], weights: Mapping[int, float]
) -> float:
    category = categories.get(candidate.product_id)
    return weights.get(category, 0.0) if category is not None else 0.0


def _boosted(candidate: Candidate, boost: float) -> Candidate:
    return replace(candidate, boost=boost, score=candidate.score * (1 + boost))
