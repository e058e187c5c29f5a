"""What a search asks for."""

from dataclasses import dataclass, field
from typing import Literal

from catalogue.selectors import ProductFilters
from search.algorithms.query import parse_query

Ordering = Literal["relevance", "price", "-price", "newness", "popularity"]

ORDERINGS: tuple[Ordering, ...] = ("relevance", "price", "-price", "newness", "popularity")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What is asked for. `query` is normalised."""

    query: str
    filters: ProductFilters = field(default_factory=ProductFilters)
    ordering: Ordering = "relevance"

    @property
    def browses(self) -> bool:
        """Whether nothing is looked for: all is shown that filters keep and `excluded` does not."""
        return not parse_query(self.query).words

    @property
    def excluded(self) -> tuple[str, ...]:
        """The words and phrases that no product may have."""
        return parse_query(self.query).excluded
