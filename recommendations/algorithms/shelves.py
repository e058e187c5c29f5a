"""Fill a place with candidates: the best first, no more of a kind than is allowed."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, Protocol

from recommendations.algorithms.placements import Filters, Placement, Source

# What scores less scores nothing: a ratio to it would mean nothing.
LEAST_SCORE = 1e-9


class Candidate(NamedTuple):
    """A product that a source offers; `rank` is its place in that source's own list, from 1.

    A tuple, for each page makes dozens.
    """

    product_id: int
    score: float
    source: Source
    rank: int


class _Variant(Protocol):
    @property
    def price(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...


class Card(Protocol):
    """What is asked about a product."""

    @property
    def brand(self) -> str | None:
        """Its brand's name."""

    @property
    def category_path(self) -> tuple[str, ...]:
        """Names from the root."""

    @property
    def variants(self) -> Sequence[_Variant]:
        """The first one's price is shown."""


def passes(card: Card, filters: Filters, currency: str) -> bool:
    """Whether a product may be shown under `filters`."""
    path = card.category_path
    if filters.categories and not _lies_in(path, filters.categories):
        return False
    if _lies_in(path, filters.hidden_categories):
        return False
    if filters.brands and card.brand not in filters.brands:
        return False
    return _costs_between(card, filters, currency)


def _lies_in(path: tuple[str, ...], categories: Iterable[tuple[str, ...]]) -> bool:
    return any(path[: len(category)] == category for category in categories)


def _costs_between(card: Card, filters: Filters, currency: str) -> bool:
    low, high = filters.price_min, filters.price_max
    if low is None and high is None:
        return True
    shown = card.variants[0]
    return (
        shown.currency == currency
        and (low is None or shown.price >= low)
        and (high is None or shown.price <= high)
    )


class Caps:
    """Counts what is shown of each category and brand, and admits no more than allowed."""

    def __init__(self, placement: Placement) -> None:
        limits = {"category": placement.max_per_category, "brand": placement.max_per_brand}
        self._limits = {which: limit for which, limit in limits.items() if limit is not None}
        self._shown: Counter[tuple[str, Hashable]] = Counter()

    def admit(self, card: Card) -> bool:
        """Whether one more like `card` may be shown; if so, it counts.

        Products without a category or brand are of no kind, of which any number may be shown.
        """
        if not self._limits:
            return True
        own = {"category": card.category_path or None, "brand": card.brand}
        kinds = [(which, own[which]) for which in self._limits if own[which] is not None]
        if any(self._shown[kind] >= self._limits[kind[0]] for kind in kinds):
            return False
        self._shown.update(kinds)
        return True


def scale_scores(candidates: Sequence[Candidate]) -> list[float]:
    """Scores relative to the best of the page, which has 1: sources measure by different rods.

    Candidates of one source stand together. What a later source gives never scores above what an
    earlier one gave.
    """
    scaled: list[float] = []
    ceiling = 1.0
    for _, offered in groupby(candidates, key=_source):
        scores = [candidate.score for candidate in offered]
        best = max(scores)
        factor = ceiling / best if best > LEAST_SCORE else 0.0
        scaled += [round(min(score * factor, ceiling), 6) for score in scores]
        ceiling = scaled[-1]
    return scaled


_source = attrgetter("source")
