"""Re-rank towards the categories that a shopper prefers, within bounds."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from search.algorithms.fusion import Candidate, order_candidates

MAX_BOOST = 0.2


def boost_preferred(
    candidates: Iterable[Candidate], weights: Mapping[int, float], max_boost: float = MAX_BOOST
) -> list[Candidate]:
    """`candidates` reordered: a product of the most preferred category gains `max_boost`.

    `weights` holds a positive weight by category id, of any scale; other categories gain in
    proportion. With reciprocal ranks and k = 60, a gain of 0.2 lifts a product found at rank 14
    by one search over rank 2 of the same, and never one that both searches put first below
    one that only a single search found.
    """
    top = max(weights.values(), default=0.0)
    if top <= 0:
        return order_candidates(candidates)
    return order_candidates(
        replace(
            candidate, boost=max_boost * (max(weights.get(candidate.category_id, 0.0), 0) / top)
        )
        for candidate in candidates
    )
