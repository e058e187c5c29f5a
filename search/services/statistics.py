"""Tell PostgreSQL's planner of tables that have outgrown what it knows of them.

A table that was empty when it was last looked at passes for one of a single row, and is joined
with others by going through all of them for each row: seconds with 40 products. Autovacuum looks
again after 50 changes and a tenth of the rows, so a small shop may wait for ever.
"""

from collections.abc import Sequence

from django.db import connection

# What searches, their facets and cards join.
TABLES = (
    "catalogue_product",
    "catalogue_variant",
    "catalogue_offer",
    "search_productdocument",
)
# Each has about a row for a product or more; one of far fewer than that is out of date.
_OUTGROWN = """
SELECT relname FROM pg_class
WHERE oid = ANY(%s::text[]::regclass[])
  AND 2 * reltuples < (SELECT max(products) FROM search_corpus)
"""


def renew_statistics() -> Sequence[str]:
    """Analyse those tables that are known to have less than half a row for a product; which."""
    with connection.cursor() as cursor:
        cursor.execute(_OUTGROWN, [list(TABLES)])
        outgrown = [name for (name,) in cursor]
        if outgrown:
            cursor.execute(f"ANALYZE {', '.join(outgrown)}")
    return outgrown
