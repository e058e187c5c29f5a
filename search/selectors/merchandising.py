"""What merchandisers decided, as every process holds it: at most a second behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import cast

from cachetools import LRUCache, TTLCache, cached
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from api.clock import memory_clock
from catalogue.models import Category
from search.algorithms.folding import fold_text
from search.algorithms.rules import Action, Kind, Rule, Target, select_rules
from search.algorithms.synonyms import SynonymIndex, index_synonyms
from search.models import BlockedSuggestion, MerchandisingRule, RuleAction, Synonym
from search.selectors.state import read_live_index

# A category that was renamed is recognised by its former name for at most so long.
CATEGORY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Merchandising:
    """Rules that are enabled and not over, synonyms, and blocked words, all folded."""

    version: int
    rules: tuple[Rule, ...]
    synonyms: SynonymIndex
    blocked: tuple[str, ...]


def read_merchandising() -> Merchandising:
    """The decisions in force; a query only after one of them changed."""
    return _load(read_live_index().merchandising)


def forget_merchandising() -> None:
    """Read all afresh next time."""
    _load.cache_clear()
    _slugs.cache_clear()


def applying_rules(query: str, category: str | None, *drafts: Rule) -> list[Rule]:
    """The rules for a search right now, in the order of conflict.

    `category` is the value of the filter. Each of `drafts` stands in for the rule of its id.
    """
    drafted = {draft.id for draft in drafts}
    live = (rule for rule in read_merchandising().rules if rule.id not in drafted)
    rules = [*live, *drafts]
    if not rules:
        return []
    return select_rules(rules, fold_text(query), _categories(rules, category), timezone.now())


def rules_everywhere() -> list[Rule]:
    """The rules that act on every list of products right now."""
    rules = [rule for rule in read_merchandising().rules if rule.is_everywhere]
    return select_rules(rules, "", frozenset(), timezone.now()) if rules else []


def _categories(rules: Iterable[Rule], category: str | None) -> frozenset[str]:
    """The slugs of the category that is filtered by, and of those above it."""
    if not category or all(rule.category is None for rule in rules):
        return frozenset()
    return _slugs(category)


@cached(TTLCache(4096, CATEGORY_SECONDS, memory_clock), lock=Lock(), info=False)
def _slugs(category: str) -> frozenset[str]:
    found: set[str] = set()
    for slug in Category.objects.called(category).values_list("slug", flat=True):
        parts = slug.split("/")
        found.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return frozenset(found)


@cached(LRUCache(maxsize=2), lock=Lock(), info=False)
def _load(version: int) -> Merchandising:
    if not version:  # nobody has decided anything yet
        return Merchandising(0, (), {}, ())
    live = MerchandisingRule.objects.filter(enabled=True).exclude(ends_at__lte=timezone.now())
    synonyms = Synonym.objects.filter(enabled=True).order_by("id")
    return Merchandising(
        version,
        tuple(load_rules(live)),
        index_synonyms(synonyms.values_list("direction", "phrase", "terms")),
        tuple(
            filter(None, map(fold_text, BlockedSuggestion.objects.values_list("text", flat=True)))
        ),
    )


def load_rules(rules: QuerySet[MerchandisingRule]) -> list[Rule]:
    """`rules` as they are applied; two queries."""
    actions = RuleAction.objects.select_related("category", "brand").order_by("id")
    whole = rules.select_related("category").prefetch_related(Prefetch("actions", actions))
    return [make_rule(rule, list(rule.actions.all())) for rule in whole]


def make_rule(rule: MerchandisingRule, actions: Sequence[RuleAction]) -> Rule:
    """A rule as it is applied, from rows that need not be saved."""
    return Rule(
        id=rule.pk or 0,
        name=rule.name,
        actions=tuple(map(_action, actions)),
        queries=frozenset(filter(None, map(fold_text, rule.queries))),
        is_phrase=rule.match == MerchandisingRule.Match.PHRASE,
        category=rule.category.slug if rule.category else None,
        priority=rule.priority,
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
    )


def _action(row: RuleAction) -> Action:
    target = Target(
        row.category.slug if row.category else None,
        row.brand.slug if row.brand else None,
        _pair(row.attribute),
        row.in_stock,
        row.price_min,
        row.price_max,
    )
    return Action(
        kind=cast("Kind", row.kind),
        product_id=row.product_id,
        target=None if target == Target() else target,
        position=row.position or 0,
        places=row.places or 0,
        text=row.text,
        image_url=row.image_url,
        url=row.url,
    )


def _pair(attribute: str) -> tuple[str, str] | None:
    name, _, value = attribute.partition(":")
    return (name.strip(), value.strip()) if attribute else None
