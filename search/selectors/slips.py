"""The parts of a search's statement that notice a slip before anything is looked for."""

from search.selectors.words import given, vector_of

# How many products have each of the words that may be misspelt; -1 for a stop word.
KNOWN = f"""
known AS MATERIALIZED (
  SELECT array_agg(spelt.products ORDER BY token.place) AS products,
    coalesce(bool_or(
      spelt.products = 0 AND token.text = ANY({given("strange", "text")})
    ), false) AS slip
  FROM unnest({given("tokens", "text")}) WITH ORDINALITY AS token (text, place)
  CROSS JOIN LATERAL (
    SELECT CASE count(word) WHEN 0 THEN -1
      ELSE coalesce(max(greatest(lexeme.products, 1)) FILTER (WHERE lexeme.id > 0), 0)
      END AS products
    FROM unnest(tsvector_to_array({vector_of("token.text")})) AS word
    LEFT JOIN search_lexeme AS lexeme ON lexeme.text = word
  ) AS spelt
)"""  # noqa: S608 - constants
# Whether the legs may begin. Where a word that is strange to the model has no product either it is
# a slip, unless the query is an id: the search is then made with the right word, and only once.
SETTLED = """
settled AS MATERIALIZED (
  SELECT NOT known.slip OR EXISTS (SELECT FROM named WHERE named.exact) AS holds FROM known
)"""
GATE = "(SELECT holds FROM settled) AND "
