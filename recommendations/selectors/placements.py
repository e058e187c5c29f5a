"""Fill a placement: candidates from the best source that has any, then what can be bought of them.

Everything ranked was computed before; publication, stock and price are read fresh.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from catalogue.models import Product
from catalogue.selectors import ProductCard, load_product_cards
from customers.selectors import Shopper
from events.selectors import cart_of, most_viewed_product, session_views, shopper_history
from recommendations.selectors.ranked import (
    NOTHING,
    Likeness,
    Ranked,
    read_likeness,
    read_likeness_of,
    read_personal,
    read_popular,
)
from recommendations.selectors.runs import read_active_run

PLACEMENTS = ("home", "product", "cart")

# How many more than wanted are looked at first, so that a few sold-out ones cost no query more.
OVERFETCH = 10
# Popular lists are read this deep where the catalogue alone ranks them.
POPULAR_DEPTH = 200
# Each earlier view of the session counts this much of the one after it.
SESSION_FADE = 0.8


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommended product; `reason` holds pairs (merchant's product id, share).

    `score` is relative to the best of the page, which has 1.
    """

    card: ProductCard
    score: float
    reason: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a placement shows, where its first product came from, and the run that was live."""

    source: str
    run: int | None
    results: list[Recommendation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for how many products, and which ones (merchant's ids) are not to be shown."""

    shopper: Shopper
    limit: int
    excluded: Collection[str] = ()


Source = tuple[str, Callable[[], Ranked]]


def recommend_home(question: Question) -> Page:
    """The shopper's own; else like what they look at; else popular."""
    run = read_active_run()
    return _fill(run, question, _home_sources(run, question.shopper))


def recommend_for_product(question: Question, public_id: str) -> Page | None:
    """Like the product `public_id`; None where there is no such product."""
    run = read_active_run()
    likeness = read_likeness_of(run, public_id)
    if likeness is None:
        return None
    question = replace(question, excluded={*question.excluded, public_id})
    return _fill(run, question, _product_sources(run, likeness, public_id))


def _product_sources(run: int | None, likeness: Likeness, public_id: str) -> Iterator[Source]:
    """By behaviour first; then, for what that does not reach, by text."""
    for ranked in (likeness.by_behaviour, likeness.by_text):
        because = replace(ranked, reasons=[[[public_id, 1.0]]] * len(ranked))
        yield "product_similar", partial(_itself, because)
    if likeness.category_id is not None:
        popular = partial(read_popular, run, likeness.category_id, POPULAR_DEPTH)
        yield "category_popular", popular
    yield "popular", partial(read_popular, run, None, POPULAR_DEPTH)


def _itself(ranked: Ranked) -> Ranked:
    return ranked


def recommend_for_cart(question: Question) -> Page:
    """What goes with the shopper's cart; with an empty one, as for home."""
    run = read_active_run()
    in_cart = cart_of(question.shopper)
    if not in_cart:
        return _fill(run, question, _home_sources(run, question.shopper))

    def sources() -> Iterator[Source]:
        yield "product_similar", lambda: _like_many(run, in_cart, fade=1.0, by_behaviour=True)
        yield from _home_sources(run, question.shopper)

    return _fill(run, question, sources(), hidden=in_cart)


def _home_sources(run: int | None, shopper: Shopper) -> Iterator[Source]:
    if run is not None:
        yield "personal", lambda: read_personal(run, shopper)
    if shopper.is_known:
        done_with = _done_with(shopper)
        yield "session_similar", lambda: _without(_like_session(run, shopper), done_with)
        yield "category_popular", lambda: _without(_popular_for(run, shopper), done_with)
        yield "popular", lambda: _without(read_popular(run, None, POPULAR_DEPTH), done_with)
    else:
        yield "popular", lambda: read_popular(run, None, POPULAR_DEPTH)


def _done_with(shopper: Shopper) -> frozenset[int]:
    """What the shopper bought or does not want to see."""
    history = shopper_history(shopper, types=("purchase", "not_interested"))
    return frozenset(interaction.product_id for interaction in history)


def _like_session(run: int | None, shopper: Shopper) -> Ranked:
    return _like_many(run, session_views(shopper), fade=SESSION_FADE, by_behaviour=False)


def _popular_for(run: int | None, shopper: Shopper) -> Ranked:
    product_id = most_viewed_product(shopper)
    if product_id is None:
        return NOTHING
    category_id = (
        Product.objects.filter(pk=product_id).values_list("category_id", flat=True).first()
    )
    return NOTHING if category_id is None else read_popular(run, category_id, POPULAR_DEPTH)


def _without(ranked: Ranked, hidden: Collection[int]) -> Ranked:
    if not hidden:
        return ranked
    kept = [index for index, key in enumerate(ranked.product_ids) if key not in hidden]
    return Ranked(
        [ranked.product_ids[index] for index in kept],
        [ranked.scores[index] for index in kept],
        [ranked.reason(index) for index in kept],
    )


def _like_many(
    run: int | None, product_ids: Sequence[int], *, fade: float, by_behaviour: bool
) -> Ranked:
    """Like any of `product_ids`, the first of them counting most; none of them itself."""
    if not product_ids:
        return NOTHING
    likeness = read_likeness(run, product_ids)
    shares: dict[int, dict[int, float]] = {}
    for age, anchor in enumerate(key for key in product_ids if key in likeness):
        both = likeness[anchor]
        ranked = both.by_behaviour if by_behaviour and both.by_behaviour else both.by_text
        for product_id, score in zip(ranked.product_ids, ranked.scores, strict=True):
            shares.setdefault(product_id, {})[anchor] = score * fade**age
    for anchor in product_ids:
        shares.pop(anchor, None)
    best = sorted(shares, key=lambda key: (-sum(shares[key].values()), key))[:POPULAR_DEPTH]
    names = dict(Product.objects.filter(pk__in=product_ids).values_list("pk", "public_id"))
    return Ranked(
        best,
        [round(sum(shares[key].values()), 6) for key in best],
        [_reason(shares[key], names) for key in best],
    )


def _reason(shares: dict[int, float], names: dict[int, str]) -> list[list[Any]]:
    whole = sum(shares.values()) or 1.0
    strongest = sorted(shares, key=lambda anchor: -shares[anchor])[:3]
    return [[names[key], round(shares[key] / whole, 4)] for key in strongest if key in names]


def _fill(
    run: int | None, question: Question, sources: Iterator[Source], hidden: Collection[int] = ()
) -> Page:
    """Take from each source in turn until the page is full; the first to give any names it."""
    page = Page("popular", run)
    shown = set(hidden)
    for name, read in sources:
        ranked = _without(read(), shown)
        found = _take(ranked, question, question.limit - len(page.results))
        if found and not page.results:
            page = Page(name, run)
        page.results.extend(_scale(found, page.results[-1].score if page.results else 1.0))
        shown.update(recommendation.card.id for recommendation in found)
        if len(page.results) >= question.limit:
            break
    return page


def _scale(found: list[Recommendation], ceiling: float) -> list[Recommendation]:
    """Scores relative to the best of the page: sources measure by different rods."""
    best = max((recommendation.score for recommendation in found), default=0.0)
    factor = ceiling / best if best > 0 else 0.0
    return [replace(one, score=round(one.score * factor, 6)) for one in found]


def _take(ranked: Ranked, question: Question, wanted: int) -> list[Recommendation]:
    """The first `wanted` of `ranked` that can be bought and are not excluded.

    One query, unless much of the list is sold out.
    """
    positions = {product_id: index for index, product_id in enumerate(ranked.product_ids)}
    found: list[Recommendation] = []
    start, step = 0, wanted + OVERFETCH + len(question.excluded)
    while start < len(ranked) and len(found) < wanted:
        for card in load_product_cards(ranked.product_ids[start : start + step]):
            if card.public_id not in question.excluded:
                index = positions[card.id]
                score, reason = ranked.scores[index], ranked.reason(index)
                found.append(Recommendation(card, score, reason))
        start += step
    return found[:wanted]
