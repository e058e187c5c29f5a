"""Which version of the catalogue and its offers is in force."""

from django.db import connection

# An expression, for statements that read more. What a transaction changed itself is not in the sum
# before it commits; `storefront.changes` tells it apart until then.
CATALOGUE_VERSION = """
(SELECT coalesce(sum(changes), 0) FROM catalogue_catalogueversion)
  || coalesce(current_setting('storefront.changes', true), '')
"""


def catalogue_version() -> str:
    """What is another after every commit that changed a product, variant, offer, brand or category.

    Never the same for different contents; for the same contents it may be another. Read before
    what it is the version of.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CATALOGUE_VERSION}")
        version: str = cursor.fetchone()[0]
    return version
