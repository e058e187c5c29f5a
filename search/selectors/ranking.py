"""A query's ranked list: from the cache, else searched, fused and cached."""

import hashlib
from dataclasses import astuple, dataclass
from typing import Any, Literal

from django.conf import settings
from django.core.cache import cache
from django.db.models import F

from catalogue.models import Product, ProductQuerySet
from catalogue.selectors import ProductFilters, filter_products, shown_price
from search.algorithms.fusion import Candidate, order_candidates
from search.algorithms.ranked_list import pack_candidates, unpack_candidates
from search.selectors.candidates import hybrid_search, keyword_search
from search.selectors.encoding import encode_query, get_encoder
from search.selectors.state import read_live_index

Ordering = Literal["relevance", "price", "-price", "newness", "popularity"]
Source = Literal["hybrid", "keyword", "browse"]

ORDERINGS: tuple[Ordering, ...] = ("relevance", "price", "-price", "newness", "popularity")
RANKED_SECONDS = 5 * 60
# How many products an empty query browses through.
BROWSE_DEPTH = 500
# Raising it forgets every cached list: for changes to what follows from the same index.
RANKING_VERSION = "1"


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What is asked for. `query` is normalised; empty, it browses."""

    query: str
    filters: ProductFilters
    ordering: Ordering


@dataclass(frozen=True, slots=True)
class RankedList:
    """Candidates in their order, and what produced them.

    `model_version` is empty where no model had a say.
    """

    candidates: list[Candidate]
    source: Source
    generation: int
    model_version: str
    cached: bool = False


def rank_products(terms: SearchTerms) -> RankedList:
    """The ranked list that everybody gets for `terms`, at most 5 minutes old.

    The cache's key names all that the list depends on, save prices, stock and publication: those
    are looked at again when a page is read.
    """
    encoder = get_encoder() if terms.query else None
    model_version = encoder.model_version if encoder else ""
    generation = read_live_index().generation
    key = _cache_key(terms, generation, model_version)
    found = _read_cached(key)
    candidates = _rank(terms, model_version) if found is None else found
    if found is None:
        cache.set(key, pack_candidates(candidates), RANKED_SECONDS)
    source: Source = _source(terms, candidates)
    return RankedList(
        candidates, source, generation, model_version if source == "hybrid" else "",
        cached=found is not None,
    )  # fmt: skip


def filtered_products(filters: ProductFilters) -> ProductQuerySet:
    """Published products that `filters` keep."""
    return filter_products(Product.objects.published(), filters)


def _rank(terms: SearchTerms, model_version: str) -> list[Candidate]:
    products = filtered_products(terms.filters)
    if not terms.query:
        return _browse(products, terms.ordering, BROWSE_DEPTH)
    vector = encode_query(terms.query) if model_version else None
    if vector is None:
        found = keyword_search(terms.query, products)
    else:
        found = hybrid_search(terms.query, vector, model_version, products)
    if terms.ordering == "relevance":
        return order_candidates(found)
    close = {candidate.product_id: candidate for candidate in found if candidate.is_close}
    sorted_ = _browse(Product.objects.filter(pk__in=close), terms.ordering, len(close))
    return [close[candidate.product_id] for candidate in sorted_]


def _browse(products: ProductQuerySet, ordering: Ordering, depth: int) -> list[Candidate]:
    """The first `depth` of `products` by something else than relevance."""
    if ordering in {"price", "-price"}:
        price = F("shown")
        first = price.desc(nulls_last=True) if ordering == "-price" else price.asc(nulls_last=True)
        products = products.alias(shown=shown_price()).order_by(first, "-popularity", "-id")
    else:
        products = products.order_by(
            "-created_at" if ordering == "newness" else "-popularity", "-id"
        )
    rows = products.values_list("pk", "category_id")[:depth]
    return [Candidate(product_id, category_id=category or 0) for product_id, category in rows]


def _source(terms: SearchTerms, candidates: list[Candidate]) -> Source:
    if not terms.query:
        return "browse"
    return "hybrid" if any(candidate.semantic_rank for candidate in candidates) else "keyword"


def _cache_key(terms: SearchTerms, generation: int, model_version: str) -> str:
    parts: tuple[Any, ...] = (
        RANKING_VERSION, generation, model_version, settings.STORE_CURRENCY, astuple(terms),
    )  # fmt: skip
    return f"search:ranked:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def _read_cached(key: str) -> list[Candidate] | None:
    packed = cache.get(key)
    try:
        return unpack_candidates(packed) if isinstance(packed, bytes) else None
    except ValueError:
        return None
