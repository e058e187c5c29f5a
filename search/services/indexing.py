"""Keep the keyword documents what the products' texts are."""

from collections.abc import Sequence

from django.db import connection

from search.selectors.texts import PRODUCT_TEXTS

_INDEX = f"""
WITH changed AS (
  INSERT INTO search_productdocument AS stored (product_id, text_hash, keywords, updated_at)
  SELECT texts.product_id, texts.text_hash,
    setweight(to_tsvector('english', texts.title), 'A')
    || setweight(to_tsvector('english', texts.labels), 'B')
    || setweight(to_tsvector('english', coalesce(texts.attributes, '')), 'C')
    || setweight(to_tsvector('english', texts.description), 'D'),
    now()
  FROM ({PRODUCT_TEXTS}) AS texts
  LEFT JOIN search_productdocument AS known USING (product_id)
  WHERE known.text_hash IS DISTINCT FROM texts.text_hash
  ORDER BY texts.product_id
  ON CONFLICT (product_id) DO UPDATE
    SET text_hash = excluded.text_hash, keywords = excluded.keywords, updated_at = now()
  RETURNING stored.product_id
), moved AS (
  INSERT INTO search_indexstate AS state (id, generation, model_version)
  SELECT 1, 1, '' WHERE %(announced)s OR EXISTS (SELECT FROM changed)
  ON CONFLICT (id) DO UPDATE SET generation = state.generation + 1
)
SELECT product_id FROM changed
"""  # noqa: S608 - constants


def index_products(product_ids: Sequence[int] | None = None) -> list[int]:
    """Re-index exactly those of `product_ids` (None: all) whose text changed; their ids.

    One statement. Products that are named count as changed for cached answers even where their
    text did not: their publication or category may have.
    """
    ids = None if product_ids is None else list(product_ids)
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, {"ids": ids, "announced": bool(ids)})
        return [product_id for (product_id,) in cursor]
