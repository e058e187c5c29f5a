"""Products by the hundred thousand, written straight into their tables with COPY.

Nothing of what follows an import happens: no trigger runs, no history of prices begins.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

_PRODUCTS = """
COPY catalogue_product (
  id, public_id, title, description, popularity, published, attributes, created_at
) FROM STDIN"""
_VARIANTS = """
INSERT INTO catalogue_variant (id, product_id, sku, position, list_price, currency, attributes)
SELECT id, id, public_id, 0, round((3 + 397 * popularity)::numeric, 2), 'USD', '{}'
FROM catalogue_product WHERE id >= %s"""
_OFFERS = """
INSERT INTO catalogue_offer (variant_id, amount, currency, price_version)
SELECT id, list_price, currency, 1 FROM catalogue_variant WHERE id >= %s"""
_NEXT = """
SELECT 1 + greatest(
  (SELECT max(id) FROM catalogue_product), (SELECT max(id) FROM catalogue_variant)
)"""
_MOVE = "SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM catalogue_product))"


def copy_products(rows: Iterable[dict[str, Any]]) -> list[int]:
    """Store products that are no one's yet, each with one variant and its offer; their keys.

    A price follows from popularity.
    """
    from django.db import connection, transaction  # noqa: PLC0415 - Django must be set up

    now = datetime.now(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_NEXT)
        (first,) = cursor.fetchone()
        count = 0
        with cursor.copy(_PRODUCTS) as copy:
            for row in rows:
                texts = row["id"], row["title"], row["description"]
                copy.write_row((first + count, *texts, row["popularity"], True, "{}", now))
                count += 1
        cursor.execute(_VARIANTS, [first])
        cursor.execute(_OFFERS, [first])
        for table in ("catalogue_product", "catalogue_variant"):
            cursor.execute(_MOVE, [table])
    return list(range(first, first + count))
