"""What each source offers in a situation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from recommendations.algorithms.placements import Anchor, Placement, Source
from recommendations.algorithms.repurchase import rank_needs
from recommendations.selectors.ranked import NOTHING, Ranked, read_popular
from recommendations.selectors.situation import Kin, Situation

# Each earlier view of the session counts this much of the one after it.
SESSION_FADE = 0.8
REASONS = 3


def offer(source: Source, placement: Placement, situation: Situation) -> Ranked:
    """What `source` has for `placement`, best first.

    No query, save for a popular list that this process does not have at hand.
    """
    return _SOURCES[source](placement, situation)


def _personal(_: Placement, situation: Situation) -> Ranked:
    return situation.personal


def _session_similar(_: Placement, situation: Situation) -> Ranked:
    lists = [kin.by_text for kin in situation.like("session")]
    return _merge(situation.like("session"), lists, SESSION_FADE)


def _product_similar(placement: Placement, situation: Situation) -> Ranked:
    """By behaviour first; then, for what that does not reach, by text."""
    if placement.anchor is Anchor.CART:
        kin = situation.like("cart")
        return _merge(kin, [one.by_behaviour or one.by_text for one in kin])
    for one in situation.like("product"):
        return _append(_because(one, one.by_behaviour), _because(one, one.by_text))
    return NOTHING


def _bought_together(placement: Placement, situation: Situation) -> Ranked:
    kin = situation.like("cart" if placement.anchor is Anchor.CART else "product")
    return _merge(kin, [one.together for one in kin])


def _category_popular(placement: Placement, situation: Situation) -> Ranked:
    category_id = _category_of(placement, situation)
    if category_id is None:
        return NOTHING
    return read_popular(situation.run, category_id, situation.catalogue_version)


def _category_of(placement: Placement, situation: Situation) -> int | None:
    """The category asked for; that of the product; or that of what the shopper viewed most."""
    if placement.anchor is Anchor.CATEGORY:
        return situation.category_id
    role = "product" if placement.anchor is Anchor.PRODUCT else "favourite"
    return next((kin.category_id for kin in situation.like(role)), None)


def _trending(placement: Placement, situation: Situation) -> Ranked:
    key = situation.category_id if placement.anchor is Anchor.CATEGORY else None
    return (situation.trending or {}).get(key, NOTHING)


def _popular(_: Placement, situation: Situation) -> Ranked:
    return read_popular(situation.run, None, situation.catalogue_version)


def _recently_viewed(_: Placement, situation: Situation) -> Ranked:
    recent = situation.recent
    return Ranked(recent, [1.0 - place / (len(recent) + 1) for place in range(len(recent))])


def _buy_again(_: Placement, situation: Situation) -> Ranked:
    needs = rank_needs(situation.purchases)
    return Ranked([key for key, _ in needs], [need for _, need in needs])


_SOURCES: Mapping[Source, Callable[[Placement, Situation], Ranked]] = {
    Source.PERSONAL: _personal,
    Source.SESSION_SIMILAR: _session_similar,
    Source.PRODUCT_SIMILAR: _product_similar,
    Source.BOUGHT_TOGETHER: _bought_together,
    Source.CATEGORY_POPULAR: _category_popular,
    Source.TRENDING: _trending,
    Source.POPULAR: _popular,
    Source.RECENTLY_VIEWED: _recently_viewed,
    Source.BUY_AGAIN: _buy_again,
}


def _because(kin: Kin, ranked: Ranked) -> Ranked:
    return replace(ranked, reasons=[[[kin.public_id, 1.0]]] * len(ranked))


def _append(first: Ranked, second: Ranked) -> Ranked:
    """`first`, then what only `second` has, which scores below it."""
    if not first or not second:
        return first or second
    factor = first.scores[-1] / max(second.scores[0], 1e-9)
    known = set(first.product_ids)
    new = [index for index, key in enumerate(second.product_ids) if key not in known]
    return Ranked(
        [*first.product_ids, *(second.product_ids[index] for index in new)],
        [*first.scores, *(second.scores[index] * factor for index in new)],
        [*first.reasons, *(second.reason(index) for index in new)],
    )


def _merge(kin: Sequence[Kin], lists: Sequence[Ranked], fade: float = 1.0) -> Ranked:
    """Like any of `kin`, the first of them counting most; none of them itself."""
    if len(kin) == 1:
        return _because(kin[0], lists[0])
    shares: dict[int, dict[str, float]] = {}
    for age, (one, ranked) in enumerate(zip(kin, lists, strict=True)):
        for product_id, score in zip(ranked.product_ids, ranked.scores, strict=True):
            shares.setdefault(product_id, {})[one.public_id] = score * fade**age
    for one in kin:
        shares.pop(one.id, None)
    sums = {product_id: sum(parts.values()) for product_id, parts in shares.items()}
    best = sorted(sums, key=lambda key: (-sums[key], key))
    return Ranked(best, [sums[key] for key in best], [_reason(shares[key]) for key in best])


def _reason(shares: dict[str, float]) -> list[list[Any]]:
    whole = sum(shares.values()) or 1.0
    strongest = sorted(shares, key=lambda anchor: -shares[anchor])[:REASONS]
    return [[public_id, round(shares[public_id] / whole, 4)] for public_id in strongest]
