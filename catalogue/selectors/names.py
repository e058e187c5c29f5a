"""Categories and brands with the number of products that each shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

_SHOWN = """
p.published AND EXISTS (
  SELECT FROM catalogue_variant AS v
  JOIN catalogue_offer AS o ON o.variant_id = v.id
  WHERE v.product_id = p.id
)
"""

_CATEGORIES = f"""
WITH wanted AS (
  SELECT w.position, c.id, c.slug, c.name, c.path, parent.slug AS parent
  FROM unnest(%s::bigint[]) WITH ORDINALITY AS w (id, position)
  JOIN catalogue_category AS c ON c.id = w.id
  LEFT JOIN catalogue_category AS parent ON parent.id = c.parent_id
), below AS (
  SELECT wanted.id AS root, c.id
  FROM wanted
  JOIN catalogue_category AS c ON c.path[1:cardinality(wanted.path)] = wanted.path
), counted AS (
  SELECT p.category_id, count(*) AS products
  FROM catalogue_product AS p
  WHERE p.category_id IN (SELECT id FROM below) AND {_SHOWN}
  GROUP BY p.category_id
)
SELECT wanted.slug, wanted.name, wanted.path, wanted.parent, coalesce(sum(counted.products), 0)
FROM wanted
JOIN below ON below.root = wanted.id
LEFT JOIN counted ON counted.category_id = below.id
GROUP BY wanted.position, wanted.slug, wanted.name, wanted.path, wanted.parent
ORDER BY wanted.position
"""  # noqa: S608 - put together from constants

_BRANDS = f"""
SELECT b.slug, b.name, (
  SELECT count(*) FROM catalogue_product AS p WHERE p.brand_id = b.id AND {_SHOWN}
)
FROM unnest(%s::bigint[]) WITH ORDINALITY AS w (id, position)
JOIN catalogue_brand AS b ON b.id = w.id
ORDER BY w.position
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """A category as shown: `product_count` is that of its whole subtree, published products."""

    slug: str
    name: str
    path: tuple[str, ...]
    parent_id: str | None
    product_count: int


@dataclass(frozen=True, slots=True)
class BrandCard:
    """A brand as shown, with the number of its published products."""

    slug: str
    name: str
    product_count: int


def load_category_cards(category_ids: Sequence[int]) -> list[CategoryCard]:
    """Cards of `category_ids` in their order, in one query."""
    return [
        CategoryCard(slug, name, tuple(path), parent, int(count))
        for slug, name, path, parent, count in _rows(_CATEGORIES, category_ids)
    ]


def load_brand_cards(brand_ids: Sequence[int]) -> list[BrandCard]:
    """Cards of `brand_ids` in their order, in one query."""
    return [BrandCard(*row) for row in _rows(_BRANDS, brand_ids)]


def _rows(sql: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)])
        return list(cursor)
