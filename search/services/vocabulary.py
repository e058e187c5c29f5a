"""Gather the words that misspelt ones are corrected to."""

from django.db import connection, transaction

from search.selectors.texts import PRODUCT_TEXTS
from search.selectors.words import words_of

# Words as they are written in titles, names of brands and categories, and attributes of what is
# shown, and in queries that shoppers succeeded with; not stems, and nothing with a digit.
_SHOWN_TEXTS = f"""
SELECT to_tsvector('simple', {words_of("concat_ws(' ', title, labels, attributes)")}) AS words
FROM ({PRODUCT_TEXTS.replace("%(ids)s", "NULL")}) AS texts
JOIN search_productdocument AS document USING (product_id) WHERE document.shown
"""  # noqa: S608 - constants
_GATHER = """
WITH gathered AS (
  SELECT word AS text, sum(ndoc)::int AS products
  FROM (
    SELECT word, ndoc FROM ts_stat(%(texts)s)
    UNION ALL
    SELECT word, ndoc
    FROM ts_stat('SELECT to_tsvector(''simple'', text) FROM search_querysuggestion')
  ) AS counted
  WHERE word ~ '^[[:alpha:]]{3,40}$'
  GROUP BY word
),
gone AS (
  DELETE FROM search_word AS word
  WHERE NOT EXISTS (SELECT FROM gathered WHERE gathered.text = word.text)
  RETURNING 1
),
come AS (
  INSERT INTO search_word AS word (text, products) SELECT text, products FROM gathered
  ON CONFLICT (text) DO UPDATE SET products = excluded.products
    WHERE word.products <> excluded.products
  RETURNING 1
)
SELECT EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM come)
"""
_BUMP = """
INSERT INTO search_indexstate AS state (id, generation, model_version, vocabulary)
VALUES (1, 1, '', 1)
ON CONFLICT (id) DO UPDATE SET vocabulary = state.vocabulary + 1
"""


def gather_vocabulary() -> bool:
    """Gather the words anew. Whether any changed: then processes read them again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('search vocabulary', 0))")
        cursor.execute(_GATHER, {"texts": _SHOWN_TEXTS})
        (changed,) = cursor.fetchone()
        if changed:
            cursor.execute(_BUMP)
    return bool(changed)
