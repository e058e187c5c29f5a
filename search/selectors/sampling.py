"""The parts of a search's statement that guess how many products its filters leave.

To compare all that are left with the query, or to walk the vector index, is decided by their
number. Counting takes the longer the more there are, where a price or a stock has to be looked up
for each; a sample tells at once where filters leave far more than will be compared.
"""

# How many the filters may leave for these to be ranked exactly, without the vector index.
EXACT_LIMIT = 10_000
# Products looked at; where they lie among the keys are multiples of the golden ratio, which spread
# evenly and are the same each time.
SAMPLE = 300
_GOLDEN = 0.6180339887498949
# Catalogues of fewer products, and filters that leave fewer than this, are counted.
_LARGE, _MANY = 4 * EXACT_LIMIT, 2 * EXACT_LIMIT

WIDE = f"""
drawn AS MATERIALIZED (
  SELECT product.id
  FROM (SELECT min(id) AS first, max(id) AS last FROM catalogue_product) AS ends
  CROSS JOIN generate_series(1, {SAMPLE}) AS number
  JOIN catalogue_product AS product
    ON product.id = first + floor((last - first + 1) * (number * {_GOLDEN} %% 1))::bigint
  WHERE {{gate}}(SELECT places FROM room) > 0
    AND (SELECT max(products) FROM search_corpus) > {_LARGE}
),
wide AS MATERIALIZED (
  SELECT coalesce((
    SELECT count(*) FROM ({{products}}) AS filtered
    WHERE filtered.id = ANY(ARRAY(SELECT id FROM drawn))
  ) * (SELECT max(products) FROM search_corpus)::float8
    > {_MANY} * (SELECT count(*) FROM drawn), false) AS holds
)"""  # noqa: S608 - constants
# Whether what is left, the `allowed`, is few enough to be compared.
NARROW = f"""
narrow AS MATERIALIZED (
  SELECT NOT (SELECT holds FROM wide) AND count(*) <= {EXACT_LIMIT} AS holds FROM allowed
)"""  # noqa: S608 - constants
