"""Build what is suggested: successful queries from the log, then every text by its words."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from events.selectors import CUSTOMER
from search.algorithms.folding import fold_text, word_starts
from search.algorithms.queries import is_suggestable
from search.models import QuerySuggestion, SuggestionKind
from search.selectors.successes import SUCCESSES

# A prefix with more than so many terms has its best chosen beforehand: reading it takes one row,
# and a rarer one at most so many.
MANY = 200
CHOSEN = 40
# Prefixes beyond this length are rare enough to be read as they are.
LONGEST_PREFIX = 12
_BATCH = 5_000

# Who succeeded with what. A person with two devices counts once, as far as these are linked.
_SUCCESSES = f"""
SELECT DISTINCT s.query, e.product_id,
  coalesce('c' || coalesce({CUSTOMER}, s.customer_id, link.customer_id), 'v' || s.visitor_id)
    AS shopper
{SUCCESSES} AND s.created_at >= %(since)s AND e.occurred_at >= %(since)s
"""

# Texts that stand for something that is shown, with their popularity. Whether it still is, is asked
# again when they are read.
_TEXTS = f"""
SELECT {SuggestionKind.QUERY:d}, id, query, shoppers::float8 FROM search_querysuggestion
UNION ALL
SELECT {SuggestionKind.CATEGORY:d}, c.id, c.name, coalesce((
  SELECT sum(greatest(p.popularity, 0) + 1e-6) FROM catalogue_category AS below
  JOIN catalogue_product AS p ON p.category_id = below.id AND p.published
  WHERE below.path[1:cardinality(c.path)] = c.path
), 0) FROM catalogue_category AS c
UNION ALL
SELECT {SuggestionKind.BRAND:d}, b.id, b.name, coalesce((
  SELECT sum(greatest(p.popularity, 0) + 1e-6) FROM catalogue_product AS p
  WHERE p.brand_id = b.id AND p.published
), 0) FROM catalogue_brand AS b
UNION ALL
SELECT {SuggestionKind.PRODUCT:d}, id, title, popularity FROM catalogue_product WHERE published
"""  # noqa: S608 - constants

_NEW_TERMS = """
DROP TABLE IF EXISTS pg_temp.new_term;
CREATE TEMP TABLE new_term (
  kind smallint, term varchar COLLATE "C", target_id bigint, weight float8
) ON COMMIT DROP
"""
_REPLACE_TERMS = """
DELETE FROM search_suggestionterm AS old WHERE NOT EXISTS (
  SELECT FROM new_term AS new
  WHERE new.kind = old.kind AND new.term = old.term AND new.target_id = old.target_id
);
INSERT INTO search_suggestionterm AS old (kind, term, target_id, weight)
SELECT kind, term, target_id, max(weight) FROM new_term GROUP BY kind, term, target_id
ON CONFLICT (kind, term, target_id) DO UPDATE SET weight = excluded.weight
WHERE old.weight IS DISTINCT FROM excluded.weight;
"""

# Of each prefix that many terms share, the most popular targets.
_REPLACE_PREFIXES = """
DELETE FROM search_suggestionprefix;
INSERT INTO search_suggestionprefix (kind, prefix, target_ids)
SELECT kind, prefix, array_agg(target_id ORDER BY place)
FROM (
  SELECT kind, prefix, target_id, terms,
    row_number() OVER (PARTITION BY kind, prefix ORDER BY weight DESC, target_id) AS place
  FROM (
    SELECT kind, left(term, length) AS prefix, target_id, max(weight) AS weight,
      sum(count(*)) OVER (PARTITION BY kind, left(term, length)) AS terms
    FROM new_term
    CROSS JOIN LATERAL generate_series(1, least(char_length(term), %s)) AS length
    GROUP BY kind, left(term, length), target_id
  ) AS counted
  WHERE terms > %s
) AS ranked
WHERE place <= %s
GROUP BY kind, prefix
"""


@dataclass(frozen=True, slots=True)
class SuggestionReport:
    """How many queries are suggested, and how many terms lead to all suggestions."""

    queries: int
    terms: int


def build_suggestions() -> SuggestionReport:
    """Build all suggestions anew, one builder at a time.

    Readers see the former ones until they are whole.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('suggestions', 0))")
        queries = _learn_queries()
        with connection.cursor() as cursor:
            cursor.execute(_NEW_TERMS)
            terms = _copy_terms(cursor)
            cursor.execute("ANALYZE new_term")
            cursor.execute(_REPLACE_TERMS)
            cursor.execute(_REPLACE_PREFIXES, [LONGEST_PREFIX, MANY, CHOSEN])
    return SuggestionReport(queries, terms)


def _learn_queries() -> int:
    """Replace the suggested queries by those that enough shoppers succeeded with of late."""
    since = timezone.now() - timedelta(days=settings.SEARCH_SUGGESTION_DAYS)
    tallies: dict[str, _Tally] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUCCESSES, {"since": since})
        for query, product_id, shopper in cursor:
            if is_suggestable(query):
                tallies.setdefault(fold_text(query), _Tally()).add(query, product_id, shopper)
    enough = settings.SEARCH_SUGGESTION_SHOPPERS
    several = {query: tally for query, tally in tallies.items() if len(tally.shoppers) >= enough}
    _store_queries(several)
    return len(several)


class _Tally:
    """Who succeeded with a query, how they typed it, and what they chose."""

    def __init__(self) -> None:
        self.shoppers: set[str] = set()
        self.texts: Counter[str] = Counter()
        self.products: Counter[int] = Counter()

    def add(self, query: str, product_id: int, shopper: str) -> None:
        self.shoppers.add(shopper)
        self.texts[query.lower()] += 1
        self.products[product_id] += 1


def _store_queries(several: dict[str, _Tally]) -> None:
    """Replace all; a query that stays keeps its key."""
    QuerySuggestion.objects.exclude(query__in=list(several)).delete()
    rows = [
        QuerySuggestion(
            query=query,
            text=tally.texts.most_common(1)[0][0][:100],
            shoppers=len(tally.shoppers),
            product_ids=[product_id for product_id, _ in tally.products.most_common(20)],
            updated_at=timezone.now(),
        )
        for query, tally in several.items()
    ]
    QuerySuggestion.objects.bulk_create(
        rows, _BATCH, update_conflicts=True, unique_fields=["query"],
        update_fields=["text", "shoppers", "product_ids", "updated_at"],
    )  # fmt: skip


def _copy_terms(cursor: Any) -> int:
    """Write every text's terms to the new table; how many."""
    cursor.execute(_TEXTS)
    texts = cursor.fetchall()
    written = 0
    with cursor.copy("COPY new_term (kind, term, target_id, weight) FROM STDIN") as copy:
        for kind, target_id, text, weight in texts:
            for term in word_starts(fold_text(text)):
                copy.write_row((kind, term, target_id, weight))
                written += 1
    return written
