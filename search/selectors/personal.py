"""A ranked list as one shopper gets it."""

from dataclasses import replace

from customers.selectors import Shopper
from events.selectors import preferred_categories
from search.algorithms.personal import boost_preferred
from search.selectors.ranking import RankedList


def personalise(ranked: RankedList, shopper: Shopper) -> RankedList:
    """`ranked` reordered towards the categories that `shopper` prefers; one query.

    The list as it is for a shopper of whom nothing is known.
    """
    weights = preferred_categories(shopper) if ranked.candidates else {}
    if not weights:
        return ranked
    return replace(ranked, candidates=boost_preferred(ranked.candidates, weights))
