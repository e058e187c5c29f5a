"""Where a merchant's wishes enter a search: further words, products to add or hide, their places.

`expand_query` and `read_steering` speak before the search, so that what is hidden or pinned is so
in the result set itself, for every page, ordering and facet; `Steering.version` is part of the
cached list's key. `arrange` speaks last, on the list as the shopper gets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from catalogue.models import Product, ProductQuerySet
from catalogue.selectors import ProductFilters, filter_products
from search.algorithms.folding import fold_text
from search.algorithms.query import Expansion, ParsedQuery, parse_query
from search.algorithms.ranked_list import RankedCandidates
from search.algorithms.rules import Rule, actions_of
from search.algorithms.synonyms import expand_words, rewrite_words
from search.selectors.arranging import arrange_products, keep_allowed
from search.selectors.merchandising import applying_rules, read_merchandising
from search.selectors.terms import SearchTerms

# What stands for a typed word counts a little less than the word itself.
SYNONYM_WEIGHT = 0.9


@dataclass(frozen=True, slots=True)
class Steering:
    """What rules, the strongest first, ask of a search.

    Of `pinned`, which join the result set, each can be bought. `hidden` are never in it, nor is
    what `allowed_products` leaves out.
    """

    version: str = ""
    pinned: Sequence[int] = ()
    hidden: Sequence[int] = ()
    rules: Sequence[Rule] = ()

    @property
    def restricts(self) -> bool:
        """Whether rules describe what is not to be shown, beyond naming `hidden`."""
        return any(
            action.kind == "filter" or (action.kind == "hide" and not action.product_id)
            for _, action in actions_of(self.rules)
        )


def expand_query(query: ParsedQuery) -> ParsedQuery:
    """`query` with what stands for its words: synonyms, as they are now."""
    known = read_merchandising().synonyms
    words = fold_text(query.words).split() if known else []
    found = expand_words(words, known)
    if not found:
        return query
    further = tuple(
        Expansion(" ".join(alternative), SYNONYM_WEIGHT)
        for expansion in found
        for alternative in expansion.alternatives
    )
    return replace(
        query,
        expansions=further,
        rewritings=tuple(rewrite_words(words, found)),
        synonymous=frozenset(
            word for expansion in found for word in words[expansion.start : expansion.stop]
        ),
    )


def rules_for(terms: SearchTerms, *drafts: Rule, without: int = 0) -> list[Rule]:
    """The rules that apply to `terms` now, in the order of conflict; no query as a rule.

    Each of `drafts` stands in for the rule of its id; `without` is left out.
    """
    if not drafts and not read_merchandising().rules:
        return []
    words = parse_query(terms.query).words
    rules = applying_rules(words, terms.filters.category, *drafts)
    return [rule for rule in rules if not without or rule.id != without]


def read_steering(terms: SearchTerms) -> Steering:
    """What the rules in force say about `terms`; a query only where one of them pins."""
    return steer(rules_for(terms))


def steer(rules: Sequence[Rule]) -> Steering:
    """What `rules` ask for, and which of the products that they pin can be bought."""
    if not rules:
        return Steering(version=str(read_merchandising().version))
    named = [(action.kind, action.product_id) for _, action in actions_of(rules)]
    hidden = [product_id for kind, product_id in named if kind == "hide" and product_id]
    pins = [product_id for kind, product_id in named if kind == "pin" and product_id]
    pinned = list(dict.fromkeys(pins))
    if pinned:
        shown = keep_allowed(Product.objects.published().in_stock(), rules)
        bought = set(shown.filter(pk__in=pinned).values_list("pk", flat=True))
        pinned = [product_id for product_id in pinned if product_id in bought]
    version = f"{read_merchandising().version}:{[rule.id for rule in rules]}:{pinned}"
    return Steering(version, pinned, hidden, rules)


def allowed_products(filters: ProductFilters, rules: Sequence[Rule]) -> ProductQuerySet:
    """Published products that `filters` keep and `rules` neither hide nor filter away."""
    return keep_allowed(filter_products(Product.objects.published(), filters), rules)


def arrange(ranked: RankedCandidates, terms: SearchTerms, steering: Steering) -> RankedCandidates:
    """`ranked` in the order that the rules ask for; a query where one moves what it describes.

    A list that the shopper sorts by something else stays as it is.
    """
    rules = [_only_moves(rule) for rule in steering.rules]
    if terms.ordering != "relevance" or not actions_of(rules):
        return ranked
    product_ids = ranked.product_ids
    arranged = arrange_products(product_ids, rules, set(steering.pinned).intersection(product_ids))
    places = {product_id: place for place, product_id in enumerate(product_ids)}
    rows = ranked.rows[[places[product_id] for product_id in arranged.product_ids]].copy()
    for place, product_id in enumerate(arranged.product_ids):
        effect = arranged.effects.get(product_id)
        if effect:
            rows[place]["rule"], rows[place]["moved"] = effect.rule_id, np.int16(effect.places)
    return RankedCandidates(rows)


def _only_moves(rule: Rule) -> Rule:
    """Without what was done before: the list holds nothing that is hidden or filtered away."""
    moves = tuple(one for one in rule.actions if one.kind in {"pin", "boost", "bury"})
    return replace(rule, actions=moves)
