"""One page of a ranked list, with what is true of its products now."""

from dataclasses import dataclass
from typing import NamedTuple

from catalogue.selectors import ProductCard, ProductFilters, load_product_cards
from search.algorithms.fusion import Candidate
from search.algorithms.ranked_list import RankedCandidates
from search.algorithms.rules import removes
from search.selectors.cursors import PageStart
from search.selectors.ranking import BROWSE_BLOCK, RankedList
from search.selectors.steering import allowed_products, rules_for
from search.selectors.terms import SearchTerms


class Hit(NamedTuple):
    """A product on a page. `position` counts from 1 over all pages."""

    card: ProductCard
    position: int
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page's hits, and where its neighbours begin; None where there is no neighbour."""

    hits: list[Hit]
    following: PageStart | None
    preceding: PageStart | None


def read_page(terms: SearchTerms, ranked: RankedList, start: PageStart, limit: int) -> SearchPage:
    """Up to `limit` products from `start`, read fresh; one query where none has gone meanwhile.

    Products that were unpublished, or that no longer meet the filters, are skipped.
    """
    hits: list[Hit] = []
    candidates, end = ranked.candidates, start.offset
    while len(hits) < limit and end < len(candidates):
        window = candidates[end : end + limit - len(hits)]
        end += len(window)
        for candidate, card in _present(terms, ranked, window):
            hits.append(Hit(card, start.shown + len(hits) + 1, candidate))
    shown = start.shown + len(hits)
    following = None
    if end < len(candidates) or not ranked.whole:
        following = PageStart(end, shown, ranked.block)
    elif ranked.has_next_block:
        following = PageStart(0, shown, ranked.block + 1)
    return SearchPage(hits, following, _preceding(start, limit))


def _preceding(start: PageStart, limit: int) -> PageStart | None:
    if start.offset:
        return PageStart(max(start.offset - limit, 0), max(start.shown - limit, 0), start.block)
    if start.block:
        return PageStart(max(BROWSE_BLOCK - limit, 0), max(start.shown - limit, 0), start.block - 1)
    return None


def _present(
    terms: SearchTerms, ranked: RankedList, window: RankedCandidates
) -> list[tuple[Candidate, ProductCard]]:
    ids = window.product_ids
    rules = rules_for(terms) if ranked.cached else []
    if ranked.cached and (terms.filters != ProductFilters() or removes(rules)):
        # The list is from before: prices and stock may have left the filters since, and a rule may
        # hide what a cursor still holds.
        kept = allowed_products(terms.filters, rules).filter(pk__in=ids)
        still = set(kept.values_list("pk", flat=True))
        ids = [product_id for product_id in ids if product_id in still]
    by_id = {candidate.product_id: candidate for candidate in window}
    cards = load_product_cards(ids, available_only=False)
    return [(by_id[card.id], card) for card in cards]
