"""Merchandising rules: which apply to a search, in which order, and what they make of its list.

The order of conflict. Rules stand by priority, the highest first; then the narrower condition
(query and category, query, category, everywhere; an exact query before a phrase); then the older.
What takes away is stronger than what puts forward: hidden and filtered products are gone, whatever
pins or boosts them. Of a product's boosts and buries the first rule's is done and no other. Pins
come last: each has its position, or the next free one where an earlier rule took it.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from search.algorithms.folding import contains_phrase

Kind = Literal["pin", "hide", "boost", "bury", "filter", "redirect", "banner"]
NO_PRODUCTS: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """Products by what they are; a field that is None describes all."""

    category: str | None = None
    brand: str | None = None
    attribute: tuple[str, str] | None = None
    in_stock: bool | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a rule does, to `product_id` or to all of `target`."""

    kind: Kind
    product_id: int | None = None
    target: Target | None = None
    position: int = 0
    places: int = 0
    text: str = ""
    image_url: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is applied. `queries` are folded; `category` is a slug, or None for any."""

    id: int
    name: str
    actions: tuple[Action, ...]
    queries: frozenset[str] = frozenset()
    is_phrase: bool = False
    category: str | None = None
    priority: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def is_everywhere(self) -> bool:
        """Whether it acts on every list of products, whatever is looked for."""
        return not self.queries and self.category is None

    def is_due(self, now: datetime) -> bool:
        """Whether `now` is within its window: from `starts_at` to before `ends_at`."""
        begun = self.starts_at is None or self.starts_at <= now
        return begun and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule did to a product: pinned it, or moved it by `places` (up is positive)."""

    rule_id: int
    rule: str
    action: Kind
    places: int = 0


@dataclass(frozen=True, slots=True)
class Arranged:
    """A list under rules: product ids in order, what was done to each, and what was taken away."""

    product_ids: list[int]
    effects: Mapping[int, Effect] = field(default_factory=dict)
    removed: frozenset[int] = NO_PRODUCTS


def select_rules(
    rules: Iterable[Rule], query: str, categories: AbstractSet[str], now: datetime
) -> list[Rule]:
    """Those of `rules` that apply, in the order of conflict.

    `query` is folded, and empty for browsing; `categories` holds the slugs of the category that
    the search is filtered by and of all above it.
    """
    applying = (
        rule
        for rule in rules
        if rule.is_due(now)
        and (rule.category is None or rule.category in categories)
        and (not rule.queries or _matches(rule, query))
    )
    return sorted(applying, key=order_of_conflict)


def order_of_conflict(rule: Rule) -> tuple[int, int, int]:
    """Sorts the rule that has its way first."""
    width = (not rule.queries) * 4 + rule.is_phrase * 2 + (rule.category is None)
    return -rule.priority, width, rule.id


def _matches(rule: Rule, query: str) -> bool:
    if rule.is_phrase:
        return any(contains_phrase(query, phrase) for phrase in rule.queries)
    return query in rule.queries


# The products that each action concerns, in the order of `actions_of`.
Hits = Sequence[AbstractSet[int]]


def actions_of(rules: Sequence[Rule]) -> list[tuple[Rule, Action]]:
    """Every action of `rules`, the strongest first."""
    return [(rule, action) for rule in rules for action in rule.actions]


def arrange(
    product_ids: Sequence[int],
    rules: Sequence[Rule],
    hits: Hits,
    pinnable: AbstractSet[int],
    *,
    reorder: bool = True,
) -> Arranged:
    """`product_ids` as `rules`, in their order, want them.

    `hits` holds for each of `actions_of(rules)` the products it concerns, of `product_ids` and of
    those that it pins. `pinnable` are products that a pin may show: what the search's own filters
    keep and can be bought; others keep the place that they have. Where not `reorder` (the shopper
    sorts by something else) only hiding and filtering are done.
    """
    steps = list(zip(actions_of(rules), hits, strict=True))
    removed = _removed([*product_ids, *pinnable], steps)
    kept = [product_id for product_id in product_ids if product_id not in removed]
    if not reorder:
        return Arranged(kept, {}, removed)
    moved, effects = _move(kept, steps)
    pins = _choose_pins(steps, pinnable - removed)
    effects |= dict(pins.values())
    return Arranged(_insert(moved, pins), effects, removed)


_Step = tuple[tuple[Rule, Action], AbstractSet[int]]


def _removed(product_ids: Iterable[int], steps: Iterable[_Step]) -> frozenset[int]:
    removed: set[int] = set()
    everything = set(product_ids)
    for (_, action), concerned in steps:
        if action.kind == "hide":
            removed |= everything & concerned
        elif action.kind == "filter":
            removed |= everything - concerned
    return frozenset(removed)


def _move(kept: list[int], steps: Sequence[_Step]) -> tuple[list[int], dict[int, Effect]]:
    effects: dict[int, Effect] = {}
    for (rule, action), concerned in steps:
        if action.kind in {"boost", "bury"}:
            places = action.places if action.kind == "boost" else -action.places
            for product_id in concerned:
                effects.setdefault(product_id, Effect(rule.id, rule.name, action.kind, places))
    shifts = {product_id: effect.places for product_id, effect in effects.items()}
    return shift_ranks(kept, shifts), {p: effects[p] for p in kept if p in effects}


def shift_ranks(product_ids: Sequence[int], shifts: Mapping[int, float]) -> list[int]:
    """`product_ids` with each moved up by its shift (down, where negative), as far as that goes.

    Who moves up takes the place that it aims at, who moves down stands behind it. Where all shifts
    lie between -d and u, nobody ends more than d + u places from where it stood; one that is moved
    alone goes exactly as far as its shift.
    """

    def aim(rank: int) -> tuple[float, int, int]:
        shift = shifts.get(product_ids[rank], 0)
        return rank - shift, (shift < 0) - (shift > 0), rank

    return [product_ids[rank] for rank in sorted(range(len(product_ids)), key=aim)]


def _choose_pins(
    steps: Iterable[_Step], pinnable: AbstractSet[int]
) -> dict[int, tuple[int, Effect]]:
    """Product and effect by position, from 1."""
    taken: dict[int, tuple[int, Effect]] = {}
    pinned: set[int] = set()
    for (rule, action), _ in steps:
        product_id = action.product_id
        if action.kind != "pin" or product_id not in pinnable or product_id in pinned:
            continue
        position = action.position
        while position in taken:
            position += 1
        assert product_id is not None  # noqa: S101 - None is in no set of products
        taken[position] = product_id, Effect(rule.id, rule.name, "pin")
        pinned.add(product_id)
    return taken


def _insert(product_ids: Iterable[int], pins: Mapping[int, tuple[int, Effect]]) -> list[int]:
    """Others fill the positions between; pins beyond the list's end follow it in their order."""
    pinned = {product_id for product_id, _ in pins.values()}
    others = iter([product_id for product_id in product_ids if product_id not in pinned])
    arranged: list[int] = []
    for position in sorted(pins):
        while len(arranged) < position - 1:
            following = next(others, None)
            if following is None:
                break
            arranged.append(following)
        arranged.append(pins[position][0])
    return [*arranged, *others]


def removes(rules: Sequence[Rule]) -> bool:
    """Whether any of `rules` takes products away."""
    return any(action.kind in {"hide", "filter"} for _, action in actions_of(rules))


def first_of(rules: Sequence[Rule], kind: Kind) -> tuple[Rule, Action] | None:
    """The redirect or banner that has its way; None where there is none."""
    found = (pair for pair in actions_of(rules) if pair[1].kind == kind)
    return next(found, None)
