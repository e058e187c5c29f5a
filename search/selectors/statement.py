"""The one statement of a search, put together from what the query and its filters ask for.

Parts are common table expressions; which of them are there depends on what is asked, and every
value travels as a parameter.
"""

from dataclasses import dataclass

from django.conf import settings

from search.selectors.matching import KEYWORD, NO_KEYWORD, NUMBERED, SCORE, TERMS
from search.selectors.sampling import EXACT_LIMIT, NARROW, WIDE
from search.selectors.slips import GATE, KNOWN, SETTLED
from search.selectors.words import given, without_accents, words_of

# A page that filters left shorter is topped up to so many.
FULL_PAGE = 100
# How many neighbours the vector index keeps in view: more find more, and cost more.
EF_SEARCH: int = settings.SEARCH_EF_SEARCH

# In force from when the query's vector is first asked for, which the vector index does when its
# scan begins, to the end of the transaction. With iterative scans a filter can't starve the index;
# its order may then be a little off, so distances are sorted again.
SETTINGS = f"""
asking AS MATERIALIZED (
  SELECT %(vector)s::halfvec AS vector, set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('hnsw.ef_search', '{EF_SEARCH}', true)
)"""

_DISTANCE = "embedding.vector <=> (SELECT vector FROM asking)"
_SIMILARITY = f"1 - ({_DISTANCE})"
_OF_MODEL = "embedding.model_version = %(model)s AND embedding.vector IS NOT NULL"
# A scalar subquery, since as a join it would make the planner filter and sort every product.
_FITS = """
(SELECT {fit} FROM search_productdocument AS document
 WHERE document.product_id = embedding.product_id)"""
_SCANNED = f"""
near AS MATERIALIZED (
  SELECT embedding.product_id, {_SIMILARITY} AS similarity
  FROM search_productembedding AS embedding
  WHERE {{gate}}{_OF_MODEL} AND {_FITS}
  ORDER BY {_DISTANCE} LIMIT {{depth}}
)"""  # noqa: S608 - constants of this module
# Of the few that hold a phrase every distance is computed, lest the index be walked in vain.
_COMPARED = f"""
near AS MATERIALIZED (
  SELECT embedding.product_id, {_SIMILARITY} AS similarity
  FROM search_productdocument AS document
  JOIN search_productembedding AS embedding USING (product_id)
  WHERE {{gate}}{_OF_MODEL} AND {{fit}} LIMIT {EXACT_LIMIT}
)"""  # noqa: S608 - constants of this module
_SEMANTIC = """
semantic AS MATERIALIZED (
  SELECT *, row_number() OVER (ORDER BY similarity DESC, product_id) AS rank
  FROM (
    SELECT * FROM near WHERE similarity >= %(floor)s
    ORDER BY similarity DESC, product_id LIMIT {depth}
  ) AS nearest
)"""
_NO_SEMANTIC = """
semantic AS (SELECT 0::bigint AS product_id, 0::float8 AS similarity, 0::bigint AS rank WHERE false)
"""

# Products that are asked for by id or sku, or that a rule wants in.
_NAMED = f"""
named AS MATERIALIZED (
  SELECT product_id, bool_or(exact) AS exact
  FROM (
    SELECT id AS product_id, true AS exact FROM catalogue_product
    WHERE public_id = ANY({given("codes", "text")})
    UNION ALL
    SELECT product_id, true FROM catalogue_variant WHERE sku = ANY({given("codes", "text")})
    UNION ALL
    SELECT *, false FROM unnest({given("pinned", "bigint")})
  ) AS called
  JOIN search_productdocument AS document USING (product_id)
  WHERE {{fit}}
  GROUP BY product_id
)"""  # noqa: S608 - constants

# What is fused, each with what both legs think of it, and whether it is of the kind that the query
# names; and the search by words beyond that.
_HEAD = f"""
sought AS MATERIALIZED (
  SELECT tsvector_to_array(to_tsvector('english', {without_accents("%(kinds)s::text")})) AS kinds
),
head AS MATERIALIZED (
  SELECT product_id, coalesce(semantic.rank, 0) AS semantic_rank,
    coalesce(keyword.rank, 0) AS keyword_rank, coalesce(named.exact, false) AS exact,
    coalesce(semantic.similarity, {{similarity}}, 0) AS similarity,
    coalesce(keyword.score, (
      SELECT {SCORE} FROM search_productdocument AS document
      WHERE document.product_id = coalesce(semantic.product_id, named.product_id)
    ), 0) AS score,
    coalesce((
      SELECT document.kinds && (SELECT kinds FROM sought)
      FROM search_productdocument AS document
      WHERE document.product_id
        = coalesce(semantic.product_id, keyword.product_id, named.product_id)
    ), false) AS kind
  FROM semantic FULL JOIN keyword USING (product_id) FULL JOIN named USING (product_id)
  WHERE semantic.rank > 0 OR keyword.rank <= {{depth}} OR named.exact IS NOT NULL
),
tail AS MATERIALIZED (
  SELECT product_id, rank FROM keyword
  WHERE rank > {{depth}} AND product_id NOT IN (SELECT product_id FROM head)
)"""  # noqa: S608 - constants of this module
_KNOWN_SIMILARITY = f"""(
      SELECT {_SIMILARITY} FROM search_productembedding AS embedding
      WHERE embedding.product_id = coalesce(keyword.product_id, named.product_id) AND {_OF_MODEL}
    )"""  # noqa: S608 - constants of this module

_KEPT = """
kept AS MATERIALIZED (
  SELECT filtered.id FROM ({products}) AS filtered
  WHERE filtered.id = ANY(ARRAY(
    SELECT product_id FROM head UNION ALL SELECT product_id FROM tail
  ))
)"""
# Semantic hits within the filters, where these left less than a page; either `exact` or `scanned`.
# The former is materialised without an order, lest the index be read that it avoids.
_TOPPING = f"""
room AS MATERIALIZED (SELECT {FULL_PAGE} - count(*) AS places FROM kept),
{WIDE},
allowed AS MATERIALIZED (
  SELECT filtered.id FROM ({{products}}) AS filtered
  WHERE {{gate}}(SELECT places FROM room) > 0 AND NOT (SELECT holds FROM wide)
  LIMIT {EXACT_LIMIT + 1}
),
{NARROW},
exact AS MATERIALIZED (
  SELECT embedding.product_id, {_SIMILARITY} AS similarity
  FROM allowed JOIN search_productembedding AS embedding ON embedding.product_id = allowed.id
  WHERE (SELECT holds FROM narrow) AND {_OF_MODEL} AND {_FITS}
),
scanned AS MATERIALIZED (
  SELECT embedding.product_id, {_SIMILARITY} AS similarity
  FROM search_productembedding AS embedding
  WHERE NOT (SELECT holds FROM narrow) AND {_OF_MODEL} AND {_FITS}
    AND (SELECT true FROM ({{products}}) AS filtered WHERE filtered.id = embedding.product_id)
  ORDER BY {_DISTANCE} LIMIT 2 * {FULL_PAGE}
),
topping AS MATERIALIZED (
  SELECT product_id, similarity
  FROM (SELECT * FROM exact UNION ALL SELECT * FROM scanned) AS near
  WHERE product_id NOT IN (SELECT id FROM kept)
  ORDER BY similarity DESC, product_id LIMIT greatest((SELECT places FROM room), 0)
)"""  # noqa: S608 - constants of this module

_RESULT = """
SELECT array_agg(product_id), array_agg(semantic_rank), array_agg(keyword_rank),
  array_agg(similarity::float4), array_agg(score::float4), array_agg(exact::int),
  array_agg(kind::int),
  (SELECT array_agg(product_id ORDER BY rank) FROM tail {kept}),
  {topping}, {known}, {held}
FROM head {kept}
"""
_ONLY_KEPT = "WHERE product_id IN (SELECT id FROM kept)"
_TOPPED_UP = """
  (SELECT array_agg(product_id ORDER BY similarity DESC, product_id) FROM topping),
  (SELECT array_agg(similarity::float4 ORDER BY similarity DESC, product_id) FROM topping)"""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parts a search has. `products` is the SQL of the filtered ones; None without filters.

    `depth` candidates of each leg are fused: a part of the text, since the planner wants to know.
    Where there are `strange` words among the `tokens`, neither leg begins before they are known.
    `topping` tells whether a page that the filters left short is topped up, `numbered` whether
    there are numbers that tell a word apart.
    """

    words: bool
    meaning: bool
    depth: int = 100
    phrases: int = 0
    excluded: int = 0
    hidden: bool = False
    tokens: bool = False
    strange: bool = False
    products: str | None = None
    topping: bool = False
    numbered: bool = False

    @property
    def plain(self) -> bool:
        """Whether the query is words and nothing else: one plan is the best for all of these."""
        return not (self.products or self.phrases or self.excluded)

    @property
    def fit(self) -> str:
        """The condition that a `document` meets to be shown for the query at all."""
        conditions = ["document.shown", *map(_holds, range(self.phrases))]
        conditions += [f"NOT {_query_of('excluded', n)}" for n in range(self.excluded)]
        if self.hidden:
            conditions.append("document.product_id <> ALL(%(hidden)s::bigint[])")
        return " AND ".join(conditions)


def _query_of(kind: str, number: int) -> str:
    words = words_of(f"%({kind}{number})s")
    return f"document.keywords @@ phraseto_tsquery('english', {words})"


def _holds(number: int) -> str:
    """Whether a document holds a phrase; one of stop words alone asks for nothing."""
    words = words_of(f"%(phrases{number})s")
    empty = f"numnode(phraseto_tsquery('english', {words})) = 0"
    return f"({empty} OR {_query_of('phrases', number)})"


def write_statement(shape: Shape) -> str:
    """The statement of a search of `shape`."""
    parts = [TERMS, _NAMED, *([KNOWN] if shape.tokens else [])]
    parts += [*([SETTLED] if shape.strange else []), KEYWORD if shape.words else NO_KEYWORD]
    if shape.meaning:
        parts += [SETTINGS, _COMPARED if shape.phrases else _SCANNED, _SEMANTIC]
    else:
        parts.append(_NO_SEMANTIC)
    parts.append(_HEAD.replace("{similarity}", _KNOWN_SIMILARITY if shape.meaning else "NULL"))
    topped = bool(shape.topping and shape.meaning and shape.products)
    if shape.products:
        parts += [_KEPT, *([_TOPPING] if topped else [])]
    result = _RESULT.replace("{kept}", _ONLY_KEPT if shape.products else "")
    result = result.replace("{topping}", _TOPPED_UP if topped else "NULL, NULL")
    known = "(SELECT products FROM known)" if shape.tokens else "NULL"
    held = "(SELECT NOT holds FROM settled)" if shape.strange else "false"
    result = result.replace("{known}", known).replace("{held}", held)
    body = f"WITH {','.join(parts)} {result}".replace("{depth}", str(shape.depth))
    body = body.replace("{numbered}", NUMBERED if shape.numbered else "")
    body = body.replace("{weighed}", "bounded" if shape.numbered else "counted")
    body = body.replace("{gate}", GATE if shape.strange else "").replace("{fit}", shape.fit)
    return body.replace("{products}", shape.products or "")
