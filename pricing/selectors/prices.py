"""Prices in force, read fresh, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import orjson
from django.conf import settings
from django.db import connection

from api.prepared import run_prepared

# Products whose prices a process keeps ready to show, by what the database says of them.
KEPT_PRICES = 8192

# In the order that product cards have: the first variant carries the product's price.
PRICES_SQL = """
SELECT p.public_id, v.prices::text
FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS wanted (public_id, position)
JOIN catalogue_product AS p ON p.public_id = wanted.public_id AND p.published
JOIN LATERAL (
  SELECT json_agg(
    json_build_array(
      v.sku, o.amount::text, v.list_price::text, o.prior_price::text, o.discount, o.currency,
      o.price_version, a.available
    )
    ORDER BY a.available DESC, o.currency = %(currency)s DESC, o.amount, v.position, v.id
  ) AS prices
  FROM catalogue_variant AS v
  JOIN catalogue_offer AS o ON o.variant_id = v.id
  CROSS JOIN LATERAL (SELECT v.stock IS NULL OR v.stock > 0 AS available) AS a
  WHERE v.product_id = p.id
) AS v ON v.prices IS NOT NULL
ORDER BY wanted.position
"""
_PRICES_OF_SKUS = """
SELECT p.public_id, v.sku, o.amount, v.list_price, o.prior_price, o.discount, o.currency,
  o.price_version, v.stock IS NULL OR v.stock > 0, pricing_is_killed(p.id)
FROM catalogue_variant AS v
JOIN catalogue_product AS p ON p.id = v.product_id AND p.published
JOIN catalogue_offer AS o ON o.variant_id = v.id
WHERE v.sku = ANY(%s)
"""


@dataclass(frozen=True, slots=True, eq=False)
class PriceCard:
    """A variant's price in force, and what may be claimed of it.

    Compared by identity, so that what is made of it may be kept by it.
    """

    product_id: str
    sku: str
    amount: Decimal
    list_price: Decimal
    prior_price: Decimal | None
    discount: int | None
    currency: str
    price_version: int
    in_stock: bool
    is_killed: bool = False


def load_prices(product_ids: Sequence[str]) -> dict[str, tuple[PriceCard, ...]]:
    """The prices of the variants of those of `product_ids` that are sold, in one query.

    Of each product the first is the one that is shown.
    """
    parameters = {"ids": list(product_ids), "currency": settings.STORE_CURRENCY}
    return {row[0]: read_price_cards(*row) for row in run_prepared(PRICES_SQL, parameters)}


@lru_cache(KEPT_PRICES)
def read_price_cards(product_id: str, found: str) -> tuple[PriceCard, ...]:
    """The prices that PostgreSQL has just described so: the same words mean the same ones."""
    return tuple(
        PriceCard(
            product_id,
            sku,
            Decimal(amount),
            Decimal(listed),
            None if prior is None else Decimal(prior),
            discount,
            currency,
            version,
            available,
        )
        for sku, amount, listed, prior, discount, currency, version, available in orjson.loads(
            found
        )
    )


def load_prices_of_skus(skus: Sequence[str]) -> dict[str, PriceCard]:
    """The prices of those of `skus` that are sold, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_PRICES_OF_SKUS, [list(skus)])
        return {row[1]: PriceCard(*row) for row in cursor}
