"""Read the catalogue: product cards for every page that shows products."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings

from api.prepared import run_prepared
from catalogue.models import Product

# Cards that a process keeps, by what the database says of their products: a few MB, or 100 where
# every description is as long as it may be.
KEPT_CARDS = 2048

# Variants that can be bought come first, then those in the store's currency, then the cheapest:
# so the first one carries the product's price.
CARDS = """
SELECT p.id, p.public_id, p.title, p.description, b.name, c.path, p.image_url, v.variants::text
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, position)
JOIN catalogue_product AS p ON p.id = wanted.id AND p.published
LEFT JOIN catalogue_brand AS b ON b.id = p.brand_id
LEFT JOIN catalogue_category AS c ON c.id = p.category_id
JOIN LATERAL (
  SELECT json_agg(
    json_build_array(
      v.sku, v.attributes, o.amount::text, v.list_price::text, o.currency, a.available,
      o.prior_price::text, o.discount
    )
    ORDER BY a.available DESC, o.currency = %(currency)s DESC, o.amount, v.position, v.id
  ) AS variants, bool_or(a.available) AS available
  FROM catalogue_variant AS v
  JOIN catalogue_offer AS o ON o.variant_id = v.id
  CROSS JOIN LATERAL (SELECT v.stock IS NULL OR v.stock > 0 AS available) AS a
  WHERE v.product_id = p.id
) AS v ON v.variants IS NOT NULL AND (v.available OR NOT %(available_only)s)
ORDER BY wanted.position
"""


@dataclass(frozen=True, slots=True)
class VariantCard:
    """A variant as shown, with its price in force.

    `prior_price` and `discount` (per cent off it) are what may be claimed; None: nothing.
    """

    sku: str
    attributes: dict[str, Any]
    price: Decimal
    list_price: Decimal
    currency: str
    in_stock: bool
    prior_price: Decimal | None = None
    discount: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ProductCard:
    """A product as shown. Its price is that of `variants[0]`: the cheapest that can be bought.

    Compared by identity, so that what is made of a card may be kept by it.
    """

    id: int
    public_id: str
    title: str
    description: str
    brand: str | None
    category_path: tuple[str, ...]
    image_url: str | None
    variants: tuple[VariantCard, ...]


def load_product_cards(
    product_ids: Sequence[int], *, available_only: bool = True
) -> list[ProductCard]:
    """Cards of `product_ids` in their order, in one query, fresh from the database.

    Unpublished products and those without a price are left out; so are sold-out ones where
    `available_only`.
    """
    if not product_ids:
        return []
    parameters = {
        # As PostgreSQL writes arrays: psycopg would look at each number's size.
        "ids": f"{{{','.join(map(str, product_ids))}}}",
        "currency": settings.STORE_CURRENCY,
        "available_only": available_only,
    }
    return [
        _described(*row[:5], tuple(path or ()), *row[6:])
        for row in run_prepared(CARDS, parameters)
        for path in (row[5],)
    ]


@lru_cache(KEPT_CARDS)
def _described(  # noqa: PLR0913, PLR0917 - a row
    product_id: int,
    public_id: str,
    title: str,
    description: str,
    brand: str | None,
    path: tuple[str, ...],
    image_url: str | None,
    variants: str,
) -> ProductCard:
    """The product that PostgreSQL has just described so: the same words mean the same card."""
    return ProductCard(
        product_id, public_id, title, description, brand, path, image_url, _variants(variants)
    )


def _variants(found: str) -> tuple[VariantCard, ...]:
    return tuple(
        VariantCard(
            sku,
            attributes,
            Decimal(price),
            Decimal(listed),
            currency,
            available,
            None if prior is None else Decimal(prior),
            discount,
        )
        for sku, attributes, price, listed, currency, available, prior, discount in orjson.loads(
            found
        )
    )


def resolve_product_ids(public_ids: Iterable[str]) -> dict[str, int]:
    """Internal keys of those of `public_ids` that exist."""
    return dict(
        Product.objects.filter(public_id__in=list(public_ids)).values_list("public_id", "id")
    )
