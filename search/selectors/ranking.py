"""A query's ranked list: from the cache, else searched, fused and cached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from django.conf import settings
from django.db.models import F

from catalogue.models import Product, ProductQuerySet
from catalogue.selectors import ProductFilters, shown_price
from customers.selectors import Shopper
from search.algorithms.folding import fold_text
from search.algorithms.fusion import Evidence, FusionSettings, score_candidates, score_tail
from search.algorithms.query import ParsedQuery, parse_query
from search.algorithms.ranked_list import (
    RankedCandidates,
    fill_rows,
    make_rows,
)
from search.algorithms.rules import Rule
from search.algorithms.spelling import Spelling, words_to_check
from search.selectors.candidates import Found, Wanted, find_candidates
from search.selectors.encoding import encode_meaning, get_encoder
from search.selectors.kept_lists import (
    NOTHING_TO_SAY,
    Ranking,
    keep_list,
    name_list,
    read_list,
)
from search.selectors.leaving_out import leave_out
from search.selectors.personal import personalise
from search.selectors.spelling import check_spelling, strange_words
from search.selectors.state import read_live_index
from search.selectors.steering import (
    Steering,
    allowed_products,
    arrange,
    expand_query,
    read_steering,
    steer,
)
from search.selectors.terms import Ordering, SearchTerms

# Called with what can wait until the answer is out.
Later = Callable[[Callable[[], object]], object]
Source = Literal["hybrid", "keyword", "browse"]

# An empty query is browsed in blocks of so many: any number of pages, each list short.
BROWSE_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class RankedList:
    """Candidates in their order, and what produced them.

    `model_version` is empty where no model had a say. `block` counts the lists of an empty query,
    each of which goes on where the one before ended; `whole` is False where only the beginning of
    the list is at hand. `spelling` tells what the query may have meant.
    """

    candidates: RankedCandidates
    source: Source
    generation: int
    model_version: str
    cached: bool = False
    block: int = 0
    whole: bool = True
    spelling: Spelling = NOTHING_TO_SAY

    @property
    def has_next_block(self) -> bool:
        """Whether an empty query may have more products than this list."""
        return self.source == "browse" and len(self.candidates) >= BROWSE_BLOCK


def fusion_settings() -> FusionSettings:
    """How this deployment weighs the two legs."""
    return FusionSettings(**settings.SEARCH_FUSION)


def rank_products(
    terms: SearchTerms,
    block: int = 0,
    shopper: Shopper | None = None,
    rules: Sequence[Rule] | None = None,
    later: Later | None = None,
) -> RankedList:
    """The ranked list for `terms`, at most 5 minutes old; for `shopper`, where one is given.

    What is cached is everybody's. A shopper's taste moves it within bounds, and then the rules
    have the last word: those in force for `terms`, unless others are given.

    The cache's key names all that the list depends on, save prices, stock and publication: those
    are looked at again when a page is read. To cache a list is left to `later`, where it is given.
    """
    encoder = None if terms.browses else get_encoder()
    model_version = encoder.model_version if encoder else ""
    generation = read_live_index().generation
    steering = read_steering(terms) if rules is None else steer(rules)
    key = name_list(terms, block, generation, model_version, steering.version)
    found = read_list(key)
    ranking = found or find_afresh(terms, steering, model_version, block)
    if found is None:
        keep = partial(keep_list, key, ranking)
        later(keep) if later else keep()
    source = _source(terms, ranking.candidates)
    own = ranking.candidates if shopper is None else personalise(ranking.candidates, shopper)
    return RankedList(
        arrange(own, terms, steering), source, generation,
        model_version if source == "hybrid" else "",
        cached=found is not None, block=block, spelling=ranking.spelling,
    )  # fmt: skip


def rank_afresh(
    terms: SearchTerms,
    steering: Steering,
    model_version: str,
    block: int = 0,
    fusion: FusionSettings | None = None,
) -> Ranking:
    """The ranked list for `terms` as the index stands; by words alone without `model_version`.

    Fused as `fusion` says, by default as this deployment's settings do.
    """
    found = find_afresh(terms, steering, model_version, block, fusion)
    return replace(found, candidates=arrange(found.candidates, terms, steering))


def find_afresh(
    terms: SearchTerms,
    steering: Steering,
    model_version: str,
    block: int = 0,
    fusion: FusionSettings | None = None,
) -> Ranking:
    """The same before taste and rules have moved anything.

    One statement; a second where a word is a slip, before which the legs of the first don't begin.
    """
    fusion = fusion or fusion_settings()
    if terms.browses:
        return Ranking(_browse_block(terms, steering, block))
    query = expand_query(parse_query(terms.query))
    wanted = make_wanted(query, terms, steering, model_version, fusion)
    encoder = get_encoder()
    found = find_candidates(replace(wanted, strange=strange_words(wanted.tokens, encoder)))
    spelling = check_spelling(query, _known_words(wanted, found), encoder)
    if spelling.corrected:
        corrected = expand_query(ParsedQuery(spelling.corrected, query.phrases, query.excluded))
        found = find_candidates(make_wanted(corrected, terms, steering, model_version, fusion))
    elif found.held:
        found = find_candidates(wanted)
    return Ranking(_in_order(fuse(found, fusion), terms.ordering), spelling)


def _known_words(wanted: Wanted, found: Found) -> dict[str, int]:
    """How many products have each word that may be misspelt.

    None where an id was asked for.
    """
    if found.exact.any() or not len(found.known):
        return {}
    return dict(zip(wanted.tokens, found.known.tolist(), strict=True))


def _in_order(ranked: RankedCandidates, ordering: Ordering) -> RankedCandidates:
    """`ranked`, which is by relevance, sorted by something else."""
    if ordering == "relevance":
        return ranked
    places = {product_id: place for place, product_id in enumerate(ranked.product_ids)}
    products = Product.objects.filter(pk__in=places)
    order = browse(products, ordering, 0, len(places))
    return RankedCandidates(ranked.rows[[places[product_id] for product_id in order]])


def _browse_block(terms: SearchTerms, steering: Steering, block: int) -> RankedCandidates:
    """One block of all that is kept; what is pinned is in the first and in no other."""
    products = leave_out(allowed_products(terms.filters, steering.rules), terms.excluded)
    pins: list[int] = []
    if steering.pinned and terms.ordering == "relevance":
        pins = list(products.filter(pk__in=steering.pinned).values_list("pk", flat=True))
        products = products.exclude(pk__in=pins)
    start = max(block * BROWSE_BLOCK - len(pins), 0)
    first = pins if block == 0 else []
    ids = first + browse(products, terms.ordering, start, BROWSE_BLOCK - len(first))
    return RankedCandidates(make_rows(len(ids), product_id=ids))


def make_wanted(
    query: ParsedQuery,
    terms: SearchTerms,
    steering: Steering,
    model_version: str,
    fusion: FusionSettings,
) -> Wanted:
    """What to look for: `query` under the filters and the rules of `terms`.

    Sorted by anything but relevance a list is not topped up: what is near in meaning only has no
    place between what was found. A word that has synonyms is none that may be misspelt.
    """
    tokens = words_to_check(query.words, query.phrases)
    if query.synonymous:
        tokens = [word for word in tokens if fold_text(word) not in query.synonymous]
    filtered = steering.restricts or terms.filters != ProductFilters()
    return Wanted(
        query=query,
        vector=encode_meaning(query) if model_version else None,
        model_version=model_version,
        products=allowed_products(terms.filters, steering.rules) if filtered else None,
        topping=terms.ordering == "relevance",
        pinned=steering.pinned,
        hidden=steering.hidden,
        depth=fusion.depth,
        floor=settings.SEARCH_SIMILARITY_FLOOR,
        tokens=tokens,
    )


def fuse(found: Found, fusion: FusionSettings) -> RankedCandidates:
    """`found` in one order: what was fused, further matches by words, what tops up a page."""
    evidence = Evidence(
        found.semantic_rank, found.keyword_rank, found.similarity, found.keyword_score, found.kind
    )
    scores = score_candidates(evidence, fusion)
    order = np.lexsort((found.product_ids, -scores, -found.exact))
    ranks = np.arange(fusion.depth + 1, fusion.depth + 1 + len(found.tail))
    # Filled part by part: to join structured arrays numpy looks at their types at length.
    rows = make_rows(len(order) + len(ranks) + len(found.topping))
    fill_rows(
        rows[: len(order)], product_id=found.product_ids[order], score=scores[order],
        semantic_rank=found.semantic_rank[order], keyword_rank=found.keyword_rank[order],
        similarity=found.similarity[order], keyword_score=found.keyword_score[order],
        kind=found.kind[order], exact=found.exact[order],
    )  # fmt: skip
    rest = rows[len(order) :]
    fill_rows(
        rest[: len(ranks)], product_id=found.tail, keyword_rank=ranks,
        score=score_tail(ranks, fusion),
    )  # fmt: skip
    fill_rows(
        rest[len(ranks) :], product_id=found.topping, similarity=found.topping_similarity,
        topped_up=True,
    )  # fmt: skip
    return RankedCandidates(rows)


def browse(products: ProductQuerySet, ordering: Ordering, start: int, count: int) -> list[int]:
    """Keys of `count` of `products` from `start`, by something else than relevance."""
    if ordering in {"price", "-price"}:
        price = F("shown")
        first = price.desc(nulls_last=True) if ordering == "-price" else price.asc(nulls_last=True)
        products = products.alias(shown=shown_price()).order_by(first, "-popularity", "-id")
    else:
        products = products.order_by(
            "-created_at" if ordering == "newness" else "-popularity", "-id"
        )
    return list(products.values_list("pk", flat=True)[start : start + count])


def complete(ranked: RankedList, terms: SearchTerms, needed: int) -> RankedList:
    """`ranked` with at least `needed` candidates, where there are so many.

    A cursor pins the beginning of its list. What comes after is ranked again, from the cache or
    anew, and goes on without what was pinned.
    """
    if ranked.whole or needed <= len(ranked.candidates):
        return ranked
    fresh = rank_products(terms, ranked.block).candidates
    rest = fresh.without(ranked.candidates.product_ids)
    return replace(ranked, candidates=ranked.candidates + rest, whole=True)


def _source(terms: SearchTerms, candidates: RankedCandidates) -> Source:
    if terms.browses:
        return "browse"
    by_meaning = candidates.rows["semantic_rank"].any() or candidates.rows["topped_up"].any()
    return "hybrid" if by_meaning else "keyword"
