"""Ranked lists as they were computed, and the cache in front of those that are read most.

Cache keys carry the run. Whoever writes a row `set`s its entry; readers only `add`: so what a
reader read before a refresh never shadows what the refresh wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.core.cache import cache
from django.db import connection

from customers.selectors import Shopper

CACHE_SECONDS = 300

Reasons = Sequence[Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Products best first. `reasons[i]` are pairs (merchant's product id, share); may be empty."""

    product_ids: Sequence[int] = ()
    scores: Sequence[float] = ()
    reasons: Reasons = ()

    def __len__(self) -> int:
        return len(self.product_ids)

    def as_entry(self) -> tuple[Sequence[int], Sequence[float], Reasons]:
        """The list as the cache holds it: plain values, which any release can read."""
        return self.product_ids, self.scores, self.reasons

    def reason(self, index: int) -> Sequence[Sequence[Any]]:
        """The pairs behind the product at `index`; none where none were computed."""
        return self.reasons[index] if index < len(self.reasons) else ()


NOTHING = Ranked()

_PERSONAL = """
SELECT product_ids, scores, reasons::text FROM recommendations_{table}recommendations
WHERE {table}_id = %s AND run_id = %s
"""
_SIMILAR = """
SELECT product.id, product.category_id,
  behaviour.product_ids, behaviour.scores, texts.product_ids, texts.scores
FROM catalogue_product AS product
LEFT JOIN recommendations_similarproducts AS behaviour
  ON behaviour.product_id = product.id AND behaviour.run_id = %s
LEFT JOIN recommendations_textneighbours AS texts ON texts.product_id = product.id
WHERE {column} = ANY(%s)
"""
_POPULAR = """
SELECT product_ids, scores FROM recommendations_popularproducts
WHERE run_id = %s AND category_id IS NOT DISTINCT FROM %s
"""
# What the merchant calls popular, for a shop that has not learned yet, or a category without sales.
_BY_CATALOGUE = """
SELECT p.id, p.popularity FROM catalogue_product AS p
WHERE p.published AND (%(category)s::bigint IS NULL OR p.category_id IN (
  SELECT below.id FROM catalogue_category AS top
  JOIN catalogue_category AS below ON below.path[:cardinality(top.path)] = top.path
  WHERE top.id = %(category)s))
ORDER BY p.popularity DESC, p.id DESC LIMIT %(limit)s
"""


def shopper_key(run: int, *, customer_id: int | None = None, visitor_id: UUID | None = None) -> str:
    """The cache key of a shopper's row in `run`."""
    who = f"customer:{customer_id}" if customer_id is not None else f"visitor:{visitor_id}"
    return f"recommendations:{run}:{who}"


def read_personal(run: int, shopper: Shopper) -> Ranked:
    """What `run` recommends to the shopper; nothing where too little is known of them."""
    if not shopper.is_known or (shopper.customer_id is None and shopper.customer_public_id):
        return NOTHING
    table = "customer" if shopper.customer_id is not None else "visitor"
    key = shopper_key(run, customer_id=shopper.customer_id, visitor_id=shopper.visitor_id)
    if found := cache.get(key):
        return Ranked(*found)
    shopper_id = shopper.customer_id if shopper.customer_id is not None else shopper.visitor_id
    with connection.cursor() as cursor:
        cursor.execute(_PERSONAL.format(table=table), [shopper_id, run])
        row = cursor.fetchone()
    ranked = Ranked(row[0], row[1], orjson.loads(row[2])) if row else NOTHING
    cache.add(key, ranked.as_entry(), CACHE_SECONDS)
    return ranked


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is like one product: by behaviour, if the run knows it, and by text."""

    product_id: int
    category_id: int | None
    by_behaviour: Ranked
    by_text: Ranked


def read_likeness(run: int | None, product_ids: Sequence[int]) -> dict[int, Likeness]:
    """What is like each of the products that exist, by id, in one query."""
    return {row.product_id: row for row in _likeness("product.id", run, list(product_ids))}


def read_likeness_of(run: int | None, public_id: str) -> Likeness | None:
    """What is like the product that the merchant calls `public_id`; None for an unknown one."""
    return next(iter(_likeness("product.public_id", run, [public_id])), None)


def _likeness(column: str, run: int | None, values: list[Any]) -> list[Likeness]:
    with connection.cursor() as cursor:
        cursor.execute(_SIMILAR.format(column=column), [run, values])
        return [
            Likeness(
                product_id,
                category_id,
                Ranked(behaviour or (), behaviour_scores or ()),
                Ranked(texts or (), text_scores or ()),
            )
            for product_id, category_id, behaviour, behaviour_scores, texts, text_scores in cursor
        ]


def read_popular(run: int | None, category_id: int | None, limit: int) -> Ranked:
    """What is popular in a category and below, or (None) in the whole shop.

    From the run where it knows; else from the merchant's own popularity.
    """
    with connection.cursor() as cursor:
        if run is not None:
            cursor.execute(_POPULAR, [run, category_id])
            if row := cursor.fetchone():
                return Ranked(*row)
        cursor.execute(_BY_CATALOGUE, {"category": category_id, "limit": limit})
        rows = cursor.fetchall()
    return Ranked([row[0] for row in rows], [row[1] for row in rows])
