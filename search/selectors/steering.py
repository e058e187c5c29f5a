"""Where a merchant's wishes enter a search: further words, products to add or hide, their places.

`expand_query` and `read_steering` speak before the search, so that what is hidden or pinned is so
in the result set itself, for every page, ordering and facet; `arrange` speaks on the fused list,
before it is cached. `Steering.version` is part of the cached list's key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from search.algorithms.query import ParsedQuery
from search.algorithms.ranked_list import RankedCandidates
from search.selectors.terms import SearchTerms


@dataclass(frozen=True, slots=True)
class Steering:
    """What rules ask of the result set: products that join it, and such as are never in it."""

    version: str = ""
    pinned: Sequence[int] = ()
    hidden: Sequence[int] = ()


def expand_query(query: ParsedQuery, terms: SearchTerms) -> ParsedQuery:  # noqa: ARG001 - synonyms will look
    """`query` with the words that stand for its own."""
    return query


def read_steering(terms: SearchTerms) -> Steering:  # noqa: ARG001 - rules will look
    """What the rules in force say about `terms`."""
    return Steering()


def arrange(ranked: RankedCandidates, terms: SearchTerms, steering: Steering) -> RankedCandidates:  # noqa: ARG001 - rules will look
    """`ranked` in the order that the rules ask for."""
    return ranked
