"""Something of the shop that is loaded, to show in the tour."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection


@dataclass(frozen=True)
class Sights:
    """What the tour points at; empty where the shop has no such thing.

    `queries` are two searches with obviously right products, `price_max` leaves some of
    `category`'s products and not all, `customer_id` has recommendations of their own.
    """

    product_id: str
    title: str
    category: str
    price_max: str
    customer_id: str
    queries: tuple[str, ...]


POPULAR = """
    SELECT p.public_id, p.title FROM catalogue_product p
    JOIN catalogue_variant v ON v.product_id = p.id
    JOIN catalogue_offer o ON o.variant_id = v.id
    LEFT JOIN (
        SELECT listed.id, listed.rank FROM recommendations_activerun a
        JOIN recommendations_popularproducts pp ON pp.run_id = a.run_id AND pp.category_id IS NULL,
        unnest(pp.product_ids) WITH ORDINALITY AS listed(id, rank)
    ) popular ON popular.id = p.id
    WHERE p.published AND (v.stock IS NULL OR v.stock > 0)
    GROUP BY p.id, popular.rank
    ORDER BY popular.rank NULLS LAST, p.popularity DESC, p.id LIMIT 1
"""
CATEGORY = """
    SELECT c.slug, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY o.amount)::numeric, 2)
    FROM catalogue_category c
    JOIN catalogue_product p ON p.category_id = c.id AND p.published
    JOIN catalogue_variant v ON v.product_id = p.id AND (v.stock IS NULL OR v.stock > 0)
    JOIN catalogue_offer o ON o.variant_id = v.id AND o.currency = %s
    WHERE cardinality(c.path) > 1 OR NOT EXISTS (
        SELECT FROM catalogue_category deep WHERE cardinality(deep.path) > 1)
    GROUP BY c.id ORDER BY count(DISTINCT p.id) DESC, c.id LIMIT 1
"""
CUSTOMER = """
    SELECT c.public_id FROM recommendations_activerun a
    JOIN recommendations_customerrecommendations r ON r.run_id = a.run_id
    JOIN customers_customer c ON c.id = r.customer_id
    ORDER BY cardinality(r.product_ids) DESC, c.id LIMIT 1
"""


def find_sights() -> Sights:
    """The most popular product, the largest category, a customer with a list of their own."""
    product_id, title = _first(POPULAR) or ("", "")
    category, price = _first(CATEGORY, settings.STORE_CURRENCY) or ("", "")
    (customer_id,) = _first(CUSTOMER) or ("",)
    words = [word for word in title.split() if word.isalpha()][:4] or title.split()[:4]
    return Sights(
        product_id=product_id,
        title=title,
        category=category,
        price_max=price,
        customer_id=customer_id,
        queries=(" ".join(words).lower(),),
    )


def _first(query: str, *parameters: str) -> tuple[str, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row = cursor.fetchone()
    return None if row is None else tuple(map(str, row))
