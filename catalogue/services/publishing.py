"""Publish products, or take them off the shelf, many at once."""

from collections.abc import Sequence

from django.db import connection, transaction

from catalogue.signals import announce_on_commit

_SET_PUBLISHED = """
UPDATE catalogue_product SET published = %s, updated_at = clock_timestamp()
WHERE id = ANY(%s) AND published <> %s
RETURNING id
"""


def set_published(product_ids: Sequence[int], published: bool) -> int:  # noqa: FBT001 - as the field
    """Publish or unpublish `product_ids`; how many that changed, which are announced."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET_PUBLISHED, [published, list(product_ids), published])
        changed = [product_id for (product_id,) in cursor]
        announce_on_commit(changed)
    return len(changed)
