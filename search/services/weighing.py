"""Give documents the weights of their words, and count the corpus that these rest on.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009: the part of
BM25 that belongs to a product is stored with it, the part that belongs to a word (how rare it is)
comes with the query, so that counting anew rewrites no product.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from search.services.statistics import renew_statistics
from search.services.vocabulary import gather_vocabulary

# Chosen beforehand by the literature's defaults, then looked at on judged queries; see 0044.
K1 = 0.9
B = 0.4
TITLE_FACTOR = 3
# Documents weighed and committed together.
CHUNK = 5_000
# Weights are computed anew once the average length has moved by so much of itself.
LENGTH_DRIFT = 0.05
# The corpus is counted anew once so large a part of it was written since.
CHANGED_PART = 0.1
# A word that more products have is frequent: its best are kept, lest a query score all of them.
CHAMPIONS = 1_000
# pgvector's limit of a sparse vector; far more words than a product's text can hold.
_MAX_WORDS = 16_000

_STALE = f"""
stale AS MATERIALIZED (
  SELECT product_id, keywords FROM search_productdocument
  WHERE weighed < (SELECT version FROM corpus)
    AND product_id > %(after)s
    AND (%(ids)s::bigint[] IS NULL OR product_id = ANY(%(ids)s::bigint[]))
  ORDER BY product_id LIMIT {CHUNK} FOR UPDATE SKIP LOCKED
)"""  # noqa: S608 - constants
_CORPUS = """
corpus AS MATERIALIZED (
  SELECT coalesce(max(version), 0) AS version, coalesce(max(average_length), 1) AS average_length,
    max(counted_at) AS counted_at
  FROM search_corpus
)"""
_TIMES = f"""cardinality(word.weights)
    + {TITLE_FACTOR - 1} * cardinality(array_positions(word.weights, 'A'))"""
_OCCURRENCES = f"""
SELECT product_id, word.lexeme, {_TIMES} AS times
FROM {{documents}} CROSS JOIN LATERAL unnest(keywords) AS word (lexeme, positions, weights)
"""  # noqa: S608 - constants
_SHARE = f"(times * {K1 + 1} / (times + {K1} * ({1 - B} + {B} * length / average_length)))"

_NAME = f"""
WITH {_CORPUS}, {_STALE}
INSERT INTO search_lexeme (text, products)
SELECT DISTINCT word, 0 FROM stale CROSS JOIN LATERAL unnest(tsvector_to_array(keywords)) AS word
WHERE NOT EXISTS (SELECT FROM search_lexeme WHERE text = word)
ORDER BY word
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants
_WEIGH = f"""
WITH {_CORPUS}, {_STALE},
occurrence AS MATERIALIZED (
  SELECT *, sum(times) OVER (PARTITION BY product_id) AS length
  FROM ({_OCCURRENCES.format(documents="stale")}) AS found
),
weighed AS (
  SELECT product_id, max(length) AS length, array_to_string(
    (array_agg(lexeme.id || ':' || {_SHARE}::real ORDER BY times DESC))[1:{_MAX_WORDS}], ','
  ) AS pairs
  FROM occurrence JOIN search_lexeme AS lexeme ON lexeme.text = occurrence.lexeme
  CROSS JOIN corpus
  GROUP BY product_id
)
UPDATE search_productdocument AS document
SET weights = ('{{' || weighed.pairs || '}}/1000000000')::sparsevec,
  length = coalesce(weighed.length, 0), weighed = (SELECT version FROM corpus)
FROM stale LEFT JOIN weighed USING (product_id)
WHERE document.product_id = stale.product_id
RETURNING document.product_id
"""  # noqa: S608 - constants

_NOTE = """
INSERT INTO search_corpus AS corpus (id, version, products, average_length, changes, counted_at)
VALUES (1, 0, 0, 1, %(changed)s, now())
ON CONFLICT (id) DO UPDATE SET changes = corpus.changes + %(changed)s
RETURNING changes, products
"""
# A document that is weighed has its length; that of a text since is in its words alone.
_MEASURE = f"""
WITH measured AS (
  SELECT greatest(coalesce(avg(CASE WHEN weighed >= 0 THEN length ELSE (
    SELECT sum({_TIMES}) FROM unnest(keywords) AS word (lexeme, positions, weights)
  ) END), 1), 1) AS average_length
  FROM search_productdocument WHERE shown
)
UPDATE search_corpus AS corpus
SET version = corpus.version + 1, average_length = measured.average_length
FROM measured
WHERE abs(measured.average_length / corpus.average_length - 1) > {LENGTH_DRIFT}
"""  # noqa: S608 - constants
_COUNT = """
WITH counted AS MATERIALIZED (
  SELECT word, ndoc, nentry
  FROM ts_stat('SELECT keywords FROM search_productdocument WHERE shown')
),
words AS (
  UPDATE search_lexeme AS lexeme SET products = coalesce(counted.ndoc, 0)
  FROM search_lexeme AS known LEFT JOIN counted ON counted.word = known.text
  WHERE lexeme.id = known.id AND lexeme.products <> coalesce(counted.ndoc, 0)
),
moved AS (
  INSERT INTO search_indexstate AS state (id, generation, model_version) VALUES (1, 1, '')
  ON CONFLICT (id) DO UPDATE SET generation = state.generation + 1
)
UPDATE search_corpus SET changes = 0, counted_at = now(),
  products = (SELECT count(*) FROM search_productdocument WHERE shown)
"""
# The best of each frequent word, by what it says about a product; of the others none are needed.
_CHAMPIONS = f"""
WITH {_CORPUS},
frequent AS MATERIALIZED (
  SELECT id, text FROM search_lexeme WHERE products > {CHAMPIONS}
),
best AS (
  SELECT id, array_agg(product_id ORDER BY place) AS champions
  FROM (
    SELECT frequent.id, product_id,
      row_number() OVER (PARTITION BY frequent.id ORDER BY {_SHARE} DESC, product_id) AS place
    FROM ({
    _OCCURRENCES.format(documents="search_productdocument").replace(
        "SELECT product_id", "SELECT product_id, length", 1
    )
} WHERE shown) AS found
    JOIN frequent ON frequent.text = found.lexeme
    CROSS JOIN corpus
  ) AS ranked
  WHERE place <= {CHAMPIONS}
  GROUP BY id
)
UPDATE search_lexeme AS lexeme SET champions = best.champions
FROM search_lexeme AS known LEFT JOIN best ON best.id = known.id
WHERE lexeme.id = known.id AND lexeme.champions IS DISTINCT FROM best.champions
"""  # noqa: S608 - constants


def weigh_documents(product_ids: Sequence[int] | None = None) -> int:
    """Weigh those of `product_ids` (None: all) that are not under the live corpus; how many.

    Commits after each five thousand, and leaves alone what another run is at.
    """
    ids = None if product_ids is None else list(product_ids)
    weighed, after = 0, 0
    while done := _weigh_some({"ids": ids, "after": after}):
        weighed += len(done)
        after = max(done)  # what is behind need not be looked through again
    return weighed


def _weigh_some(parameters: dict[str, Any]) -> list[int]:
    """Weigh the next of them; which."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NAME, parameters)
        cursor.execute(_WEIGH, parameters)
        return [product_id for (product_id,) in cursor]


def count_if_due(changed: int) -> bool:
    """Note `changed` documents; count the corpus if many changed since. Whether it was counted."""
    changes, products = _note(changed)
    due = changes > 0 and changes >= CHANGED_PART * products
    return due and count_corpus()


def count_if_changed() -> bool:
    """Count the corpus if any document changed since. Whether it was counted."""
    changes, _ = _note(0)
    return changes > 0 and count_corpus()


def _note(changed: int) -> tuple[int, int]:
    """How many documents changed since the last count, and how many were counted."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"changed": changed})
        changes, products = cursor.fetchone()
    return int(changes), int(products)


def count_corpus() -> bool:
    """Weigh what has no weights, count in how many products each word occurs, keep the best.

    Lengths come first: where their average has moved far, every document is weighed anew under a
    new version, and new ones only once. False where another run is at it.
    """
    if not _alone(_MEASURE):
        return False
    weigh_documents()
    if not _alone(_COUNT):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_CHAMPIONS)
    gather_vocabulary()
    renew_statistics()
    return True


def _alone(statement: str) -> bool:
    """Execute what changes the corpus, unless another run is at that."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('search corpus', 0))")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(_NOTE, {"changed": 0})
        cursor.execute(statement)
    return True
