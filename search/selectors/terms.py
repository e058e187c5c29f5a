"""What a search asks for."""

from dataclasses import dataclass, field
from typing import Literal

from catalogue.selectors import ProductFilters

Ordering = Literal["relevance", "price", "-price", "newness", "popularity"]

ORDERINGS: tuple[Ordering, ...] = ("relevance", "price", "-price", "newness", "popularity")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What is asked for. `query` is normalised; empty, it browses."""

    query: str
    filters: ProductFilters = field(default_factory=ProductFilters)
    ordering: Ordering = "relevance"
