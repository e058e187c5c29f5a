"""What a rule would make of a search: the list before it and after it, without side effects."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalogue.selectors import ProductCard, load_product_cards
from search.algorithms.ranked_list import RankedCandidates
from search.algorithms.rules import Effect, Rule
from search.models import MerchandisingRule, RuleAction
from search.selectors.effects import effect_of
from search.selectors.encoding import get_encoder
from search.selectors.merchandising import make_rule
from search.selectors.ranking import rank_afresh
from search.selectors.steering import rules_for, steer
from search.selectors.terms import SearchTerms


@dataclass(frozen=True, slots=True)
class PreviewHit:
    """A product, from 1 where it stands and where it stood before; None where it was not there."""

    card: ProductCard
    position: int
    was: int | None
    effect: Effect | None
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of both lists, whether the rule applies to the search at all, and all rules."""

    applies: bool
    before: list[PreviewHit]
    after: list[PreviewHit]
    rules: list[Rule]


def preview_rule(
    terms: SearchTerms,
    rule: MerchandisingRule,
    actions: Sequence[RuleAction],
    limit: int,
    *,
    replaces: int = 0,
) -> Preview:
    """The first `limit` products for `terms` as things stand, and with `rule` in force.

    The rule need not be saved, enabled or within its window. A saved one is left out before, so
    that what it does is seen also while it is in force; one that `replaces` another is not.
    """
    draft = replace(
        make_rule(rule, actions), id=replaces or rule.pk or -1, starts_at=None, ends_at=None
    )
    rules = rules_for(terms, draft)
    before = _rank(terms, rules_for(terms, without=rule.pk or 0))
    after = _rank(terms, rules)
    return Preview(draft in rules, *_hits(before, after, limit, rules), rules)


def _rank(terms: SearchTerms, rules: Sequence[Rule]) -> RankedCandidates:
    encoder = None if terms.browses else get_encoder()
    version = encoder.model_version if encoder else ""
    return rank_afresh(terms, steer(rules), version).candidates


def _hits(
    before: RankedCandidates, after: RankedCandidates, limit: int, rules: Sequence[Rule]
) -> tuple[list[PreviewHit], list[PreviewHit]]:
    shown = [*before[:limit].product_ids, *after[:limit].product_ids]
    cards = {card.id: card for card in load_product_cards(shown, available_only=False)}
    stood = {product_id: place for place, product_id in enumerate(before.product_ids, 1)}
    stands = set(after.product_ids)
    earlier = [
        PreviewHit(cards[p], place, place, None, p not in stands)
        for place, p in enumerate(before[:limit].product_ids, 1)
        if p in cards
    ]
    later = [
        PreviewHit(cards[one.product_id], place, stood.get(one.product_id), effect_of(one, rules),
                   is_gone=False)
        for place, one in enumerate(after[:limit], 1)
        if one.product_id in cards
    ]  # fmt: skip
    return earlier, later
