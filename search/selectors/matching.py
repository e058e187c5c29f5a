"""The parts of a search's statement that find products by words."""

from search.selectors.words import given, vector_of

# The keyword leg: how many matches are a query's result set, and how good one must be, as a share
# of what one mention of every word of the query would give.
MATCHES = 1_000
KEYWORD_FLOOR = 0.5
# Products that the search by words looks at. Frequent words must not score the whole catalogue:
# rare words come first; of those beyond the limit only the best products of each are looked at,
# and those that have the two rarest both.
SCORED = 2_500
_FREQUENT_WORDS = 3
_QUERY_WORDS = 32
# The most that a word can say of a product, in terms of how rare it is: BM25's k1 + 1.
MOST_SAID = 1.9

# What was typed (own) and what stands for it, each as the lexemes that are known, with how much
# each says: by Robertson's and Spärck Jones's inverse document frequency.
_QUOTED = r"""'''' || replace(replace(text, '\', '\\'), '''', '''''') || ''''"""
TERMS = f"""
counted AS MATERIALIZED (
  SELECT lexeme.id, lexeme.text, greatest(lexeme.products, 1) AS products, lexeme.champions,
    bool_or(typed.own) AS own,
    max(typed.weight) * ln(1 + (greatest(corpus.products - lexeme.products, 0) + 0.5::float8)
      / (lexeme.products + 0.5::float8)) AS idf
  FROM unnest(
    {given("texts", "text")}, {given("weights", "float8")}, {given("own", "bool")}
  ) AS typed (text, weight, own)
  CROSS JOIN LATERAL unnest(tsvector_to_array({vector_of("typed.text")})) AS word
  JOIN search_lexeme AS lexeme ON lexeme.text = word
  CROSS JOIN search_corpus AS corpus
  GROUP BY lexeme.id, corpus.products
  ORDER BY idf DESC, lexeme.id LIMIT {_QUERY_WORDS}
){{numbered}},
terms AS MATERIALIZED (
  SELECT id, text, products, champions, own,
    CASE WHEN own THEN idf ELSE least(idf, sum(idf) FILTER (WHERE own) OVER ()) END AS idf
  FROM {{weighed}}
),
reached AS MATERIALIZED (
  SELECT *, row_number() OVER (ORDER BY products, id) AS place,
    sum(products) OVER (ORDER BY products, id) <= {SCORED} AS rare,
    {MOST_SAID} * sum(idf) OVER (ORDER BY idf, id DESC) >= {KEYWORD_FLOOR}
      * coalesce(sum(idf) FILTER (WHERE own) OVER (), sum(idf) OVER ()) AS telling
  FROM terms
),
asked AS MATERIALIZED (
  SELECT ('{{' || string_agg(id || ':' || idf, ',') || '}}/1000000000')::sparsevec AS weights,
    coalesce(sum(idf) FILTER (WHERE own), sum(idf)) AS mass,
    string_agg({_QUOTED}, ' | ') FILTER (WHERE rare AND telling)::tsquery AS any_of,
    string_agg({_QUOTED}, ' & ') FILTER (WHERE place <= 2)::tsquery AS both_of,
    bool_and(NOT rare) AND count(*) > 1 AS frequent
  FROM reached
)"""  # noqa: S608 - constants of this module

# What a number says is bounded by the word that it belongs to, however rare the number is; and
# half of it is for standing right beside that word. So where there is no iPhone 8, an iPhone is a
# better match than anything else with an 8.
NUMBERED = f""",
numbered AS MATERIALIZED (
  SELECT typed.number, typed.model, least(max(line.idf), max(number.idf)) / 2 AS idf
  FROM unnest(
    {given("numbers", "text")}, {given("lines", "text")}, {given("models", "text")}
  ) AS typed (number, line, model)
  JOIN counted AS line ON line.text = ANY(tsvector_to_array({vector_of("typed.line")}))
  LEFT JOIN counted AS number ON number.text = typed.number
  GROUP BY typed.number, typed.line, typed.model
),
bounded AS MATERIALIZED (
  SELECT counted.id, counted.text, counted.products, counted.champions,
    counted.own OR numbered.number IS NOT NULL AS own, coalesce(numbered.idf, counted.idf) AS idf
  FROM counted
  LEFT JOIN numbered ON counted.text IN (numbered.number, numbered.model)
)"""  # noqa: S608 - constants of this module

SCORE = "-(document.weights <#> (SELECT weights FROM asked)) / (SELECT mass FROM asked)"
KEYWORD = f"""
pool AS (
  SELECT product_id, {SCORE} AS score
  FROM search_productdocument AS document
  WHERE {{gate}}keywords @@ (SELECT any_of FROM asked) AND {{fit}}
  UNION
  SELECT product_id, {SCORE}
  FROM (
    SELECT unnest(champions) AS product_id
    FROM (
      SELECT champions FROM reached WHERE telling AND NOT rare
      ORDER BY place LIMIT {_FREQUENT_WORDS}
    ) AS words
  ) AS champion
  JOIN search_productdocument AS document USING (product_id)
  WHERE {{gate}}{{fit}}
  UNION
  (
    SELECT product_id, {SCORE}
    FROM search_productdocument AS document
    WHERE {{gate}}(SELECT frequent FROM asked) AND keywords @@ (SELECT both_of FROM asked)
      AND {{fit}}
    LIMIT {SCORED}
  )
),
keyword AS MATERIALIZED (
  SELECT *, row_number() OVER (ORDER BY score DESC, product_id) AS rank
  FROM (
    SELECT product_id, score FROM pool WHERE score >= {KEYWORD_FLOOR}
    ORDER BY score DESC, product_id LIMIT {MATCHES}
  ) AS best
)"""  # noqa: S608 - constants of this module
NO_KEYWORD = """
keyword AS (SELECT 0::bigint AS product_id, 0::float8 AS score, 0::bigint AS rank WHERE false)"""
