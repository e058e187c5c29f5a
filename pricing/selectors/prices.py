"""Prices in force, read fresh, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import connection

# In the order that product cards have: the first variant carries the product's price.
PRICES_SQL = """
SELECT p.public_id, v.sku, o.amount, v.list_price, o.prior_price, o.discount, o.currency,
  o.price_version, v.stock IS NULL OR v.stock > 0 AS available
FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS wanted (public_id, position)
JOIN catalogue_product AS p ON p.public_id = wanted.public_id AND p.published
JOIN catalogue_variant AS v ON v.product_id = p.id
JOIN catalogue_offer AS o ON o.variant_id = v.id
ORDER BY wanted.position, available DESC, o.currency = %(currency)s DESC, o.amount, v.position, v.id
"""
_PRICES_OF_SKUS = """
SELECT p.public_id, v.sku, o.amount, v.list_price, o.prior_price, o.discount, o.currency,
  o.price_version, v.stock IS NULL OR v.stock > 0, pricing_is_killed(p.id)
FROM catalogue_variant AS v
JOIN catalogue_product AS p ON p.id = v.product_id AND p.published
JOIN catalogue_offer AS o ON o.variant_id = v.id
WHERE v.sku = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class PriceCard:
    """A variant's price in force, and what may be claimed of it."""

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


def load_prices(product_ids: Sequence[str]) -> dict[str, list[PriceCard]]:
    """The prices of the variants of those of `product_ids` that are sold, in one query.

    Of each product the first is the one that is shown.
    """
    prices: dict[str, list[PriceCard]] = {}
    with connection.cursor() as cursor:
        cursor.execute(PRICES_SQL, {"ids": list(product_ids), "currency": settings.STORE_CURRENCY})
        for row in cursor:
            prices.setdefault(row[0], []).append(PriceCard(*row))
    return prices


def load_prices_of_skus(skus: Sequence[str]) -> dict[str, PriceCard]:
    """The prices of those of `skus` that are sold, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_PRICES_OF_SKUS, [list(skus)])
        return {row[1]: PriceCard(*row) for row in cursor}
