"""What shoppers bought, however long ago: that is not recommended to them again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

# One branch for each index: a customer's own events, those of visitors that are theirs now, and
# those of visitors who are nobody's.
_PURCHASES = """
SELECT DISTINCT customer_id, NULL::uuid, product_id FROM events_event
WHERE customer_id = ANY(%(customers)s) AND type = 'purchase' AND product_id IS NOT NULL
UNION
SELECT link.customer_id, NULL::uuid, e.product_id
FROM customers_identitylink AS link
JOIN events_event AS e ON e.visitor_id = link.visitor_id AND e.customer_id IS NULL
WHERE link.customer_id = ANY(%(customers)s) AND link.unlinked_at IS NULL
  AND e.type = 'purchase' AND e.product_id IS NOT NULL
UNION
SELECT NULL::bigint, visitor_id, product_id FROM events_event
WHERE visitor_id = ANY(%(visitors)s::uuid[]) AND customer_id IS NULL AND type = 'purchase'
  AND product_id IS NOT NULL
"""


def purchases_of(shoppers: Sequence[int | UUID]) -> list[tuple[int | UUID, int]]:
    """Distinct pairs (shopper, product id) of all that `shoppers` ever bought, in one query.

    A shopper is a customer's id, or a visitor's. Products sent back count as bought.
    """
    parameters: dict[str, Any] = {
        "customers": [key for key in shoppers if isinstance(key, int)],
        "visitors": [key for key in shoppers if isinstance(key, UUID)],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PURCHASES, parameters)
        return [
            (visitor if customer is None else customer, product)
            for customer, visitor, product in cursor
        ]
