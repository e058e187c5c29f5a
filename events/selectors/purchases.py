"""What shoppers bought, however long ago: that is not recommended to them again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from events.selectors.attribution import events_of

_ASKED = """
SELECT number AS position, customer_id, visitor_id
FROM unnest(%(customers)s::bigint[], %(visitors)s::uuid[]) WITH ORDINALITY
  AS asked (customer_id, visitor_id, number)
"""
_BOUGHT = "e.type = 'purchase' AND e.product_id IS NOT NULL"
_PURCHASES = "WITH {events} SELECT DISTINCT position - 1, product_id FROM mine"
# Of more shoppers than these it may be best to read the whole log.
MANY = 2_000


def purchases_of(shoppers: Sequence[int | UUID]) -> list[tuple[int | UUID, int]]:
    """Distinct pairs (shopper, product id) of all that `shoppers` ever bought, in one query.

    A shopper is a customer's id, or a visitor's. Products sent back count as bought.
    """
    parameters: dict[str, Any] = {
        "customers": [key if isinstance(key, int) else None for key in shoppers],
        "visitors": [key if isinstance(key, UUID) else None for key in shoppers],
    }
    events = events_of(_ASKED, "e.product_id", _BOUGHT, of_many=len(shoppers) > MANY)
    with connection.cursor() as cursor:
        cursor.execute(_PURCHASES.format(events=events), parameters)
        return [(shoppers[position], product) for position, product in cursor]
