"""What a call names, and what of a situation its placements need."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from recommendations.algorithms.placements import Anchor, Placement, Source


class Needs(NamedTuple):
    """What of a situation the placements at hand need."""

    who: bool
    views: bool
    session: bool
    cart: bool
    product: bool
    together: bool
    again: bool
    category: bool
    trending: bool


class Named(NamedTuple):
    """What a call names: the shopper, and what its placements are about."""

    visitor_id: UUID | None = None
    customer_id: str | None = None
    product_id: str | None = None
    category: str | None = None


def what_is_needed(placements: Sequence[Placement], named: Named) -> Needs:
    """The parts of a situation that `placements` need for what is `named`."""
    sources = {source for placement in placements for source in placement.sources}
    anchors = {placement.anchor for placement in placements}
    known = named.visitor_id is not None or named.customer_id is not None
    favours = any(
        Source.CATEGORY_POPULAR in one.sources and one.anchor in {Anchor.NONE, Anchor.CART}
        for one in placements
    )
    session = known and (Source.SESSION_SIMILAR in sources or favours)
    return Needs(
        who=known,
        views=session or (known and Source.RECENTLY_VIEWED in sources),
        session=session,
        cart=known and Anchor.CART in anchors,
        product=Anchor.PRODUCT in anchors,
        together=Source.BOUGHT_TOGETHER in sources,
        again=known and Source.BUY_AGAIN in sources,
        category=Anchor.CATEGORY in anchors,
        trending=Source.TRENDING in sources,
    )
