"""A ranked list as one shopper gets it."""

from customers.selectors import Shopper
from events.selectors import taste_rows
from search.algorithms.ranked_list import RankedCandidates
from search.algorithms.rules import shift_ranks
from search.algorithms.tastes import ProductFacts, learn_taste, shifts_for

# Only the beginning of a list is reordered: nobody's taste lifts what is hardly about the query.
REORDERED = 200


def personalise(ranked: RankedCandidates, shopper: Shopper) -> RankedCandidates:
    """`ranked` moved towards the categories, brands and prices that `shopper` likes; one query.

    No product ends more than `tastes.MAX_PLACES` from where it stood. The list as it is for a
    shopper of whom nothing is known.
    """
    head = ranked[:REORDERED]
    if not head or not shopper.is_known:
        return ranked
    rows = taste_rows(shopper, head.product_ids)
    facts = {row.product_id: ProductFacts(row.category_id, row.brand_id, row.price) for row in rows}
    taste = learn_taste(
        (facts[row.product_id], row.weight) for row in rows if row.weight is not None
    )
    if taste is None:
        return ranked
    places = {product_id: place for place, product_id in enumerate(head.product_ids)}
    shifts = shifts_for(taste, {p: known for p, known in facts.items() if p in places})
    order = [places[product_id] for product_id in shift_ranks(head.product_ids, shifts)]
    moved = head.rows[order].copy()
    moved["personal"] = [shifts.get(product_id, 0) for product_id in moved["product_id"].tolist()]
    return RankedCandidates(moved) + ranked[REORDERED:]
