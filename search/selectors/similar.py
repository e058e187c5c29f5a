"""Products that are near another in meaning: one statement, walked in the vector index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from catalogue.models import Product, ProductQuerySet
from catalogue.selectors import ProductFilters, filter_products
from search.selectors.arranging import keep_allowed
from search.selectors.merchandising import rules_everywhere

EF_SEARCH = 100
# Filters that leave at most so many products are measured one by one, without the vector index.
EXACT_LIMIT = 2_000

# Sent as one message: an implicit transaction, at whose end the settings are as before.
_SETTINGS = f"""
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
  set_config('hnsw.ef_search', '{EF_SEARCH}', true), set_config('jit', 'off', true);
"""

# The model is the one that every product is embedded under. Of `exact` and `scanned` one is never
# executed. A row of similarity 2 stands for the product itself, so that an unknown one can be told
# from one that is alone.
_SIMILAR = """
WITH subject AS MATERIALIZED (
  SELECT own.id, state.model_version, embedding.vector
  FROM ({shown}) AS own
  LEFT JOIN search_indexstate AS state ON true
  LEFT JOIN search_productembedding AS embedding
    ON embedding.product_id = own.id AND embedding.model_version = state.model_version
),
allowed AS MATERIALIZED (SELECT id FROM ({products}) AS filtered LIMIT {most}),
narrow AS MATERIALIZED (SELECT count(*) < {most} AS holds FROM allowed),
exact AS MATERIALIZED (
  SELECT embedding.product_id, embedding.vector <=> (SELECT vector FROM subject) AS distance
  FROM allowed
  JOIN search_productembedding AS embedding ON embedding.product_id = allowed.id
  WHERE (SELECT holds FROM narrow)
    AND embedding.model_version = (SELECT model_version FROM subject)
    AND embedding.vector IS NOT NULL
),
scanned AS MATERIALIZED (
  SELECT embedding.product_id, embedding.vector <=> (SELECT vector FROM subject) AS distance
  FROM search_productembedding AS embedding
  WHERE NOT (SELECT holds FROM narrow)
    AND embedding.model_version = (SELECT model_version FROM subject)
    AND (SELECT true FROM ({products}) AS filtered WHERE filtered.id = embedding.product_id)
  ORDER BY embedding.vector <=> (SELECT vector FROM subject)
  LIMIT %s
),
near AS (
  SELECT product_id, 1 - distance AS similarity
  FROM (SELECT * FROM exact UNION ALL SELECT * FROM scanned) AS both_ways
  WHERE product_id <> (SELECT id FROM subject) AND distance IS NOT NULL
  ORDER BY distance, product_id
  LIMIT %s
)
SELECT id, 2::float8, model_version FROM subject
UNION ALL
SELECT product_id, similarity, NULL FROM near
"""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A product and the cosine (-1 to 1) between its vector and the subject's."""

    product_id: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Similar:
    """Neighbours, the nearest first, under `model_version`; empty where there is no vector."""

    neighbours: list[Neighbour]
    model_version: str


def find_similar(public_id: str, filters: ProductFilters, depth: int) -> Similar | None:
    """Up to `depth` published products that `filters` keep, nearest to the product; one query.

    None where there is no such product, or shoppers may not see it. What a rule hides everywhere is
    left out here too.
    """
    rules = rules_everywhere()
    published = keep_allowed(Product.objects.published(), rules)
    shown, own_bound = _sql(published.filter(public_id=public_id))
    products, bound = _sql(filter_products(published, filters))
    statement = _SIMILAR.format(shown=shown, products=products, most=EXACT_LIMIT + 1)
    parameters: list[Any] = [*own_bound, *bound, *bound, depth + 1, depth]
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS + statement, parameters)
        cursor.nextset()
        rows = cursor.fetchall()
    if not rows:
        return None
    nearest = sorted(rows, key=lambda row: (-row[1], row[0]))
    neighbours = [Neighbour(product_id, similarity) for product_id, similarity, _ in nearest[1:]]
    return Similar(neighbours, nearest[0][2] or "")


def _sql(products: ProductQuerySet) -> tuple[str, Sequence[Any]]:
    try:
        return products.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 0::bigint AS id WHERE false", ()
