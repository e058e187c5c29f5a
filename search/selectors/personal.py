"""A ranked list as one shopper gets it."""

from dataclasses import replace

from catalogue.models import Product
from customers.selectors import Shopper
from events.selectors import preferred_categories
from search.algorithms.personal import boost_preferred
from search.algorithms.ranked_list import RankedCandidates
from search.selectors.ranking import RankedList

# Only the beginning of a list is reordered: nobody's taste lifts what is hardly about the query.
REORDERED = 200


def personalise(ranked: RankedList, shopper: Shopper) -> RankedList:
    """`ranked` reordered towards the categories that `shopper` prefers; two queries.

    The list as it is for a shopper of whom nothing is known, at the price of one.
    """
    weights = preferred_categories(shopper) if ranked.candidates else {}
    if not weights:
        return ranked
    head, tail = ranked.candidates[:REORDERED], ranked.candidates[REORDERED:]
    found = Product.objects.filter(pk__in=head.product_ids, category__in=weights)
    categories = dict(found.values_list("pk", "category_id"))
    boosted = RankedCandidates.of(boost_preferred(head, categories, weights))
    return replace(ranked, candidates=boosted + tail)
