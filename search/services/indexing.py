"""Keep the keyword documents what the products' texts are."""

from collections.abc import Sequence

from django.db import connection

from search.selectors.texts import PRODUCT_TEXTS
from search.selectors.words import kinds_of, title_of, vector_of
from search.services.weighing import count_if_due, weigh_documents

_SHOWN = """
(product.published AND EXISTS (
  SELECT FROM catalogue_variant AS variant
  JOIN catalogue_offer AS offer ON offer.variant_id = variant.id
  WHERE variant.product_id = product.id
))"""

# From so many new documents on, PostgreSQL is told of them at once: what it plans for an empty
# table takes minutes on a full one.
MANY = 1_000

# A document whose text changed keeps its former weights until it is weighed, a moment later.
_INDEX = f"""
WITH changed AS (
  INSERT INTO search_productdocument AS stored (
    product_id, text_hash, keywords, kinds, shown, weighed, length, updated_at
  )
  SELECT texts.product_id, texts.text_hash,
    {title_of("texts.title")}
    || setweight({vector_of("texts.labels")}, 'B')
    || setweight({vector_of("coalesce(texts.attributes, '')")}, 'C')
    || setweight({vector_of("texts.description")}, 'D'),
    {kinds_of("texts.title", "texts.brand", "texts.category")},
    {_SHOWN}, -1, 0, now()
  FROM ({PRODUCT_TEXTS}) AS texts
  JOIN catalogue_product AS product ON product.id = texts.product_id
  LEFT JOIN search_productdocument AS known ON known.product_id = texts.product_id
  WHERE known.text_hash IS DISTINCT FROM texts.text_hash
  ORDER BY texts.product_id
  ON CONFLICT (product_id) DO UPDATE
    SET text_hash = excluded.text_hash, keywords = excluded.keywords, kinds = excluded.kinds,
      shown = excluded.shown, weighed = -1, updated_at = now()
  RETURNING stored.product_id
), turned AS (
  UPDATE search_productdocument AS document SET shown = NOT document.shown
  FROM catalogue_product AS product
  WHERE product.id = document.product_id AND document.shown <> {_SHOWN}
    AND (%(ids)s::bigint[] IS NULL OR document.product_id = ANY(%(ids)s::bigint[]))
    AND document.product_id NOT IN (SELECT product_id FROM changed)
  RETURNING document.product_id
), moved AS (
  INSERT INTO search_indexstate AS state (id, generation, model_version)
  SELECT 1, 1, ''
  WHERE %(announced)s OR EXISTS (SELECT FROM changed) OR EXISTS (SELECT FROM turned)
  ON CONFLICT (id) DO UPDATE SET generation = state.generation + 1
)
SELECT product_id FROM changed
"""  # noqa: S608 - constants


def index_products(product_ids: Sequence[int] | None = None) -> list[int]:
    """Re-index exactly those of `product_ids` (None: all) whose text changed; their ids.

    Products that are named count as changed for cached answers even where their text did not:
    their category may have. What an earlier run left unweighed is weighed too.
    """
    ids = None if product_ids is None else list(product_ids)
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, {"ids": ids, "announced": bool(ids)})
        changed = [product_id for (product_id,) in cursor]
        if len(changed) >= MANY:
            cursor.execute("ANALYZE search_productdocument")
    # A count weighs them too, once it knows how long texts are.
    if (changed or ids is None) and not count_if_due(len(changed)):
        weigh_documents(changed if ids is not None else None)
    return changed
