"""What to suggest for what was typed so far: one query, by prefix, the popular first."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from search.algorithms.folding import contains_phrase, fold_prefix, fold_text
from search.algorithms.query import parse_query
from search.algorithms.rules import Rule, actions_of
from search.models import TERM_LENGTH, SuggestionKind
from search.selectors.arranging import remove_hidden
from search.selectors.merchandising import read_merchandising, rules_everywhere

# Greater than any text that begins with the prefix, in the order of code points.
_AFTER = "\U0010ffff"
# Of what is found so many more are read than are shown: some are hidden, or blocked.
_SPARE = 20

_SHOWN = """
p.published AND NOT p.id = ANY(%(hidden)s::bigint[]) AND EXISTS (
  SELECT FROM catalogue_variant AS v JOIN catalogue_offer AS o ON o.variant_id = v.id
  WHERE v.product_id = p.id
)"""

# A prefix is either chosen for beforehand or has few terms; the gate is known before the terms are
# looked at. What a suggestion leads to is looked at as it is now.
_SUGGEST = f"""
WITH found AS MATERIALIZED (
  SELECT kinds.kind, near.target_id, near.place
  FROM unnest(%(kinds)s::int[]) AS kinds (kind)
  CROSS JOIN LATERAL (
    SELECT chosen.target_id, chosen.place
    FROM search_suggestionprefix AS known,
      unnest(known.target_ids) WITH ORDINALITY AS chosen (target_id, place)
    WHERE known.kind = kinds.kind AND known.prefix = %(prefix)s
    UNION ALL
    SELECT target_id, row_number() OVER (ORDER BY max(weight) DESC, target_id)
    FROM search_suggestionterm AS term
    WHERE (SELECT count(*) FROM search_suggestionprefix AS known
        WHERE known.kind = kinds.kind AND known.prefix = %(prefix)s) = 0
      AND term.kind = kinds.kind AND term.term >= %(prefix)s AND term.term < %(end)s
    GROUP BY target_id
    ORDER BY 2
    LIMIT %(most)s
  ) AS near
)
SELECT found.kind, found.place, json_build_array(q.text)
FROM found JOIN search_querysuggestion AS q ON q.id = found.target_id
WHERE found.kind = {SuggestionKind.QUERY:d}
  AND EXISTS (SELECT FROM catalogue_product AS p WHERE p.id = ANY(q.product_ids) AND {_SHOWN})
UNION ALL
SELECT found.kind, found.place, json_build_array(c.name, c.slug, c.path)
FROM found JOIN catalogue_category AS c ON c.id = found.target_id
WHERE found.kind = {SuggestionKind.CATEGORY:d} AND EXISTS (
  SELECT FROM catalogue_category AS below JOIN catalogue_product AS p ON p.category_id = below.id
  WHERE below.path[1:cardinality(c.path)] = c.path AND {_SHOWN}
)
UNION ALL
SELECT found.kind, found.place, json_build_array(b.name, b.slug)
FROM found JOIN catalogue_brand AS b ON b.id = found.target_id
WHERE found.kind = {SuggestionKind.BRAND:d}
  AND EXISTS (SELECT FROM catalogue_product AS p WHERE p.brand_id = b.id AND {_SHOWN})
UNION ALL
SELECT found.kind, found.place, json_build_array(
  p.title, p.public_id, b.name, p.image_url, price.amount::text, price.currency, price.available,
  p.id)
FROM found
JOIN catalogue_product AS p ON p.id = found.target_id
LEFT JOIN catalogue_brand AS b ON b.id = p.brand_id
JOIN LATERAL (
  SELECT o.amount, o.currency, v.stock IS NULL OR v.stock > 0 AS available
  FROM catalogue_variant AS v JOIN catalogue_offer AS o ON o.variant_id = v.id
  WHERE v.product_id = p.id
  ORDER BY 3 DESC, o.currency = %(currency)s DESC, o.amount, v.position, v.id
  LIMIT 1
) AS price ON true
WHERE found.kind = {SuggestionKind.PRODUCT:d}
  AND p.published AND NOT p.id = ANY(%(hidden)s::bigint[])
ORDER BY 1, 2
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class SuggestedCategory:
    """A category; `id` is its slug."""

    id: str
    name: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuggestedBrand:
    """A brand; `id` is its slug."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SuggestedProduct:
    """A product in short, with the price that its card shows."""

    id: str
    title: str
    brand: str | None
    image_url: str | None
    price: Decimal
    currency: str
    in_stock: bool


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What begins with what was typed, the most popular of each kind first."""

    queries: list[str]
    categories: list[SuggestedCategory]
    brands: list[SuggestedBrand]
    products: list[SuggestedProduct]


def suggest(typed: str, limit: int) -> Suggestions:
    """Up to `limit` of each kind of which a word begins with `typed`; one query.

    Popular ones where nothing was typed. Nothing that is blocked, unpublished or hidden by a rule
    that acts everywhere is among them; a rule that hides by description costs a second query. What
    is to be left out is not completed, but left out: of `mug -te` mug is, without what says tea.
    """
    rules = rules_everywhere()
    blocked = read_merchandising().blocked
    query = parse_query(typed)
    prefix = fold_prefix(query.words if query.excluded else typed)
    unwanted = [f" {fold_text(phrase)}" for phrase in query.excluded]
    found: dict[int, list[Any]] = {}
    for kind, _, values in _read(prefix[:TERM_LENGTH], limit + _SPARE, rules):
        text = fold_text(values[0])
        if any(start in f" {text}" for start in unwanted):
            continue
        if not any(contains_phrase(text, phrase) for phrase in blocked):
            found.setdefault(kind, []).append(values)
    products = found.get(SuggestionKind.PRODUCT, [])
    if rules:
        kept = set(remove_hidden([values[-1] for values in products], rules))
        products = [values for values in products if values[-1] in kept]
    return Suggestions(
        [text for (text,) in found.get(SuggestionKind.QUERY, [])[:limit]],
        [
            SuggestedCategory(slug, name, tuple(path))
            for name, slug, path in found.get(SuggestionKind.CATEGORY, [])[:limit]
        ],
        [SuggestedBrand(slug, name) for name, slug in found.get(SuggestionKind.BRAND, [])[:limit]],
        [_product(values) for values in products[:limit]],
    )


def _read(prefix: str, most: int, rules: list[Rule]) -> list[tuple[int, int, list[Any]]]:
    hidden = [a.product_id for _, a in actions_of(rules) if a.kind == "hide" and a.product_id]
    parameters = {
        "kinds": list(SuggestionKind), "prefix": prefix, "end": prefix + _AFTER, "most": most,
        "hidden": hidden, "currency": settings.STORE_CURRENCY,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SUGGEST, parameters)
        rows: list[tuple[int, int, list[Any]]] = cursor.fetchall()
    return rows


def _product(values: list[Any]) -> SuggestedProduct:
    title, public_id, brand, image_url, amount, currency, in_stock, _ = values
    return SuggestedProduct(public_id, title, brand, image_url, Decimal(amount), currency, in_stock)
