"""Fill placements: candidates from each source in turn, of which what can be bought is shown.

Everything ranked was computed before; publication, stock and price are read fresh. Products are
never shown twice in the placements of one call.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings

from catalogue.selectors import ProductCard, load_product_cards
from recommendations.algorithms.placements import Anchor, Filters, Placement, Source
from recommendations.algorithms.shelves import Candidate, Caps, passes, scale_scores
from recommendations.selectors.needs import Named, what_is_needed
from recommendations.selectors.ranked import Ranked
from recommendations.selectors.situation import Situation, read_situation
from recommendations.selectors.sources import offer

# How many more than wanted are looked at first, so that a few sold-out ones cost no query more.
OVERFETCH = 10
# Where filters or caps leave out many.
CHOOSY_OVERFETCH = 60
NO_FILTERS = Filters()


class Recommendation(NamedTuple):
    """One recommended product, and the candidate that it was.

    `score` is relative to the best of the page, which has 1. `reason` holds pairs (merchant's
    product id, share).
    """

    card: ProductCard
    candidate: Candidate
    score: float
    reason: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a placement shows, where its first product came from, and the run that was live."""

    placement: str
    source: str
    run: int | None
    results: Sequence[Recommendation] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Which placements, about what, how many products in each, and which (ids) not to show.

    A `limit` of None is that of each placement.
    """

    placements: Sequence[Placement]
    named: Named
    limit: int | None = None
    excluded: frozenset[str] = frozenset()
    thoroughly: bool = False


def find_situation(question: Question) -> Situation:
    """The situation of `question`; one query."""
    needs = what_is_needed(question.placements, question.named)
    skippable = not question.thoroughly and all(
        Source.RECENTLY_VIEWED not in one.sources and _asks_personal_first(one)
        for one in question.placements
    )
    limits = [_limit(question, one) for one in question.placements]
    enough = sum(limits) + OVERFETCH if skippable else None
    return read_situation(needs, question.named, enough)


def _asks_personal_first(placement: Placement) -> bool:
    """Whether what the shopper viewed is only asked once their own list has run out."""
    asked = {Source.SESSION_SIMILAR, Source.PERSONAL}
    if placement.anchor in {Anchor.NONE, Anchor.CART}:
        asked.add(Source.CATEGORY_POPULAR)
    first = next((source for source in placement.sources if source in asked), Source.PERSONAL)
    return first is Source.PERSONAL


def fill_placements(question: Question, situation: Situation) -> list[Page]:
    """A page for each placement, in their order; one query, unless much is sold out."""
    shelf = _Shelf(question.excluded)
    fillings = [_Filling(question, one, situation) for one in question.placements]
    ahead = 0
    wanted: list[int] = []
    for filling in fillings:
        ahead += filling.limit
        wanted += filling.first(ahead + filling.overfetch + len(question.excluded))
    shelf.load(wanted)
    return [filling.fill(shelf) for filling in fillings]


def _limit(question: Question, placement: Placement) -> int:
    return placement.limit if question.limit is None else question.limit


@dataclass(slots=True)
class _Shelf:
    """The products that were looked at, and which of them are shown somewhere already."""

    excluded: Collection[str]
    cards: dict[int, ProductCard | None] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)

    def load(self, product_ids: Sequence[int]) -> None:
        """Look at those of `product_ids` that were not yet."""
        new = [key for key in dict.fromkeys(product_ids) if key not in self.cards]
        self.cards |= dict.fromkeys(new)
        for card in load_product_cards(new):
            if card.public_id not in self.excluded:
                self.cards[card.id] = card


class _Filling:
    """One placement as it is filled."""

    def __init__(self, question: Question, placement: Placement, situation: Situation) -> None:
        self.limit = _limit(question, placement)
        self._placement = placement
        self._situation = situation
        self._offered: dict[Source, Ranked] = {}
        self._stream = self._candidates(_hidden(placement, situation))
        self._read: list[Candidate] = []
        self._filters = _filters(placement, situation)
        capped = {placement.max_per_category, placement.max_per_brand} != {None}
        self.overfetch = CHOOSY_OVERFETCH if capped or self._filters else OVERFETCH

    def first(self, count: int) -> list[int]:
        """The first `count` candidates' products."""
        self._read += islice(self._stream, max(0, count - len(self._read)))
        return [candidate.product_id for candidate in self._read[:count]]

    def fill(self, shelf: _Shelf) -> Page:
        """The page; what it shows is marked on the shelf."""
        caps = Caps(self._placement)
        found: list[tuple[ProductCard, Candidate]] = []
        for candidate in self._all(shelf):
            card = shelf.cards[candidate.product_id]
            if card is None or card.id in shelf.shown:
                continue
            if self._filters and not self._passes(card):
                continue
            if caps.admit(card):
                shelf.shown.add(card.id)
                found.append((card, candidate))
            if len(found) >= self.limit:
                break
        return self._page(found)

    def _all(self, shelf: _Shelf) -> Iterator[Candidate]:
        """Every candidate, those looked at already first."""
        place = 0
        while True:
            for candidate in self._read[place:]:
                if candidate.product_id not in shelf.cards:
                    shelf.load([one.product_id for one in self._read[place:]])
                place += 1
                yield candidate
            self.first(place + self.limit + self.overfetch)
            if place == len(self._read):
                return

    def _passes(self, card: ProductCard) -> bool:
        return all(passes(card, one, settings.STORE_CURRENCY) for one in self._filters)

    def _page(self, found: Sequence[tuple[ProductCard, Candidate]]) -> Page:
        scores = scale_scores([candidate for _, candidate in found])
        results = [
            Recommendation(card, one, score, self._offered[one.source].reason(one.rank - 1))
            for (card, one), score in zip(found, scores, strict=True)
        ]
        source = results[0].candidate.source if results else self._placement.sources[-1]
        return Page(self._placement.name, source.value, self._situation.run, results)

    def _candidates(self, hidden: set[int]) -> Iterator[Candidate]:
        """What each source in turn offers, each product once, without what is not to be shown."""
        for source in self._placement.sources:
            ranked = self._offered[source] = offer(source, self._placement, self._situation)
            for place, (product_id, score) in enumerate(
                zip(ranked.product_ids, ranked.scores, strict=True), start=1
            ):
                if product_id not in hidden:
                    hidden.add(product_id)
                    yield Candidate(product_id, score, source, place)


def _filters(placement: Placement, situation: Situation) -> list[Filters]:
    """Those that keep anything back."""
    found = [placement.filters] if placement.filters != NO_FILTERS else []
    if placement.anchor is Anchor.CATEGORY and situation.category_path:
        found.append(Filters(categories=(situation.category_path,)))
    return found


def _hidden(placement: Placement, situation: Situation) -> set[int]:
    hidden = set(situation.disliked)
    if placement.excludes_bought:
        hidden |= situation.bought
    if placement.excludes_in_cart or placement.anchor is Anchor.CART:
        hidden.update(situation.in_cart)
    if placement.anchor is Anchor.PRODUCT:
        hidden.update(kin.id for kin in situation.like("product"))
    return hidden
