"""Find candidates by meaning and by words, filters included, in one round trip."""

from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from numpy.typing import NDArray

from catalogue.models import ProductQuerySet
from search.algorithms.fusion import Candidate

# How far each search looks. The first 50 are fused; the others let pages go 100 deep, and a little
# more in case some were unpublished meanwhile.
DEPTH = 120
# How many neighbours the vector index keeps in view: more find more, and cost more.
EF_SEARCH = 200
# Filters that leave at most so many products are ranked exactly, without the vector index.
EXACT_LIMIT = 10_000
# ts_rank's weights of D, C, B, A: description, attributes, brand and category, title.
KEYWORD_WEIGHTS = "{0.4, 0.4, 0.4, 1.0}"

# Sent as one message with the search itself, before which it is executed: an implicit transaction,
# at whose end all is as before. With iterative scans a filter can't starve the vector index; its
# order may then be a little off, so distances are sorted again.
_SETTINGS = f"""
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
  set_config('hnsw.ef_search', '{EF_SEARCH}', true), set_config('jit', 'off', true);
"""

# What the filters keep, and whether that is few enough to be ranked exactly.
_ALLOWED = f"""
allowed AS MATERIALIZED (SELECT id FROM ({{products}}) AS filtered LIMIT {EXACT_LIMIT + 1}),
narrow AS MATERIALIZED (SELECT count(*) <= {EXACT_LIMIT} AS holds FROM allowed)"""  # noqa: S608 - constants

# Asks the filters about one product: for lists that are walked from the top until enough is found.
# A scalar subquery, since as a join it would make the planner filter and sort every product.
_KEPT = "(SELECT true FROM ({products}) AS filtered WHERE filtered.id = %s)"

# Any word of the query will do: AND loses too much on queries of several words.
_KEYWORD = f"""
lexemes AS MATERIALIZED (
  SELECT string_agg(
    '''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''', ' | '
  )::tsquery AS any_of
  FROM unnest(tsvector_to_array(to_tsvector('english', %s))) AS lexeme
),
keyword AS MATERIALIZED (
  SELECT product_id, score
  FROM (
    SELECT document.product_id,
      ts_rank('{KEYWORD_WEIGHTS}', document.keywords, lexemes.any_of) AS score
    FROM search_productdocument AS document, lexemes
    WHERE document.keywords @@ (SELECT any_of FROM lexemes)
    ORDER BY score DESC, product_id
  ) AS matching
  WHERE CASE WHEN (SELECT holds FROM narrow)
    THEN product_id IN (SELECT id FROM allowed) ELSE {_KEPT % "matching.product_id"} END
  ORDER BY score DESC, product_id
  LIMIT %s
)"""  # noqa: S608 - constants of this module

# Of `exact` and `scanned` one is never executed: both hang on a condition that is known first.
# `exact` is materialised without an order, lest it be read from the index that it goes round.
_SEMANTIC = f"""
wanted AS MATERIALIZED (SELECT %s::halfvec AS vector),
exact AS MATERIALIZED (
  SELECT embedding.product_id,
    embedding.vector <=> (SELECT vector FROM wanted) AS distance
  FROM allowed
  JOIN search_productembedding AS embedding
    ON embedding.product_id = allowed.id AND embedding.model_version = %s
  WHERE (SELECT holds FROM narrow) AND embedding.vector IS NOT NULL
),
scanned AS MATERIALIZED (
  SELECT embedding.product_id,
    embedding.vector <=> (SELECT vector FROM wanted) AS distance
  FROM search_productembedding AS embedding
  WHERE NOT (SELECT holds FROM narrow) AND embedding.model_version = %s
    AND {_KEPT % "embedding.product_id"}
  ORDER BY embedding.vector <=> (SELECT vector FROM wanted)
  LIMIT %s
),
semantic AS MATERIALIZED (
  SELECT product_id, distance
  FROM (SELECT * FROM exact UNION ALL SELECT * FROM scanned) AS near
  ORDER BY distance, product_id
  LIMIT %s
)"""  # noqa: S608 - constants of this module
_NO_SEMANTIC = "semantic AS (SELECT 0::bigint AS product_id, 0::float8 AS distance WHERE false)"
_NO_KEYWORD = "keyword AS (SELECT 0::bigint AS product_id, 0::float4 AS score WHERE false)"

_FOUND = """
SELECT product.id, coalesce(semantic.rank, 0), coalesce(keyword.rank, 0),
  coalesce(1 - semantic.distance, 0), coalesce(keyword.score, 0), coalesce(product.category_id, 0)
FROM (
  SELECT *, row_number() OVER (ORDER BY distance, product_id) AS rank FROM semantic
) AS semantic
FULL JOIN (
  SELECT *, row_number() OVER (ORDER BY score DESC, product_id) AS rank FROM keyword
) AS keyword USING (product_id)
JOIN catalogue_product AS product ON product.id = product_id
"""


def semantic_search(
    vector: NDArray[np.float32], model_version: str, products: ProductQuerySet, depth: int = DEPTH
) -> list[Candidate]:
    """The `depth` of `products` nearest in meaning to a unit vector of shape (384,), unordered."""
    return _find(products, _semantic(vector, model_version, depth), (_NO_KEYWORD, []))


def keyword_search(query: str, products: ProductQuerySet, depth: int = DEPTH) -> list[Candidate]:
    """The `depth` of `products` that best match any word of a normalised query, unordered."""
    return _find(products, (_NO_SEMANTIC, []), _keyword(query, depth))


def hybrid_search(
    query: str,
    vector: NDArray[np.float32],
    model_version: str,
    products: ProductQuerySet,
    depth: int = DEPTH,
) -> list[Candidate]:
    """What either search finds, in one statement, unordered."""
    return _find(products, _semantic(vector, model_version, depth), _keyword(query, depth))


_Part = tuple[str, list[Any]]
# Stands among the parameters of a part for those of the filtered products.
_PRODUCTS = object()


def _semantic(vector: NDArray[np.float32], model_version: str, depth: int) -> _Part:
    literal = "[" + ",".join(map(repr, vector.tolist())) + "]"
    return _SEMANTIC, [literal, model_version, model_version, _PRODUCTS, depth, depth]


def _keyword(query: str, depth: int) -> _Part:
    return _KEYWORD, [query, _PRODUCTS, depth]


def _find(products: ProductQuerySet, *parts: _Part) -> list[Candidate]:
    try:
        filtered, bound = products.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return []
    parts = ((_ALLOWED, [_PRODUCTS]), *parts)
    ctes = ",".join(sql for sql, _ in parts).replace("{products}", filtered)
    parameters: list[Any] = []
    for parameter in (parameter for _, given in parts for parameter in given):
        parameters.extend(bound if parameter is _PRODUCTS else [parameter])
    with connection.cursor() as cursor:
        cursor.execute(f"{_SETTINGS} WITH {ctes} {_FOUND}", parameters)
        cursor.nextset()
        return [Candidate(*row) for row in cursor.fetchall()]
