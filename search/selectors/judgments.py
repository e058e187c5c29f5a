"""Read what people think of what a query finds: to go on judging, and to evaluate by."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.selectors import ProductCard, ProductFilters, load_product_cards
from search.algorithms.text import normalise_query
from search.models import Judgment
from search.selectors.ranking import rank_products
from search.selectors.terms import SearchTerms

# How many hits are judged at a time: what nDCG@10 needs of several configurations.
JUDGED_DEPTH = 30


@dataclass(frozen=True, slots=True)
class JudgedHit:
    """A product as it stands in the live list, and its grade; None where nobody judged it."""

    card: ProductCard
    position: int
    grade: int | None


def list_to_judge(query: str, depth: int = JUDGED_DEPTH) -> list[JudgedHit]:
    """The first `depth` hits of the live search for `query`, with what was said of each."""
    query = normalise_query(query)
    if not query:
        return []
    ranked = rank_products(SearchTerms(query, ProductFilters(), "relevance"))
    product_ids = [candidate.product_id for candidate in ranked.candidates[:depth]]
    known = Judgment.objects.filter(query=query, product_id__in=product_ids)
    grades = dict(known.values_list("product_id", "grade"))
    cards = load_product_cards(product_ids, available_only=False)
    return [JudgedHit(card, place, grades.get(card.id)) for place, card in enumerate(cards, 1)]


def all_judgments() -> Iterator[tuple[str, str, int]]:
    """Every (query, public product id, grade), by query, the best first."""
    rows = Judgment.objects.order_by("query", "-grade", "product_id")
    yield from rows.values_list("query", "product__public_id", "grade").iterator()


def judgments_by_query() -> dict[str, dict[str, float]]:
    """Grades by query and public id, as `evaluate_search` reads them from a file."""
    judgments: dict[str, dict[str, float]] = {}
    for query, public_id, grade in all_judgments():
        judgments.setdefault(query, {})[public_id] = float(grade)
    return judgments
