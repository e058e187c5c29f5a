"""What a shopper did with certain products."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from customers.selectors import Shopper
from events.selectors.shoppers import CATEGORY_WEIGHTS, EPOCH, own_events

_DEEDS = f"""
WITH {own_events()}
SELECT p.public_id, m.type, count(*), max(m.occurred_at)
FROM mine AS m JOIN catalogue_product AS p ON p.id = m.product_id
WHERE p.public_id = ANY(%(products)s)
GROUP BY p.public_id, m.type ORDER BY p.public_id, max(m.occurred_at) DESC, m.type
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Deed:
    """That a shopper did something of `type` so often with a product, and when last."""

    type: str
    count: int
    last_at: datetime


def deeds_with(shopper: Shopper, public_ids: Sequence[str]) -> dict[str, list[Deed]]:
    """What the shopper did with each of the products, the latest first; one query."""
    if not shopper.is_known or not public_ids:
        return {}
    anonymous = shopper.customer_id is None and shopper.customer_public_id is None
    parameters = {
        "customer": shopper.customer_id,
        "visitor": shopper.visitor_id if anonymous else None,
        "types": [str(kind) for kind in CATEGORY_WEIGHTS],
        "since": EPOCH,
        "products": list(public_ids),
    }
    found: dict[str, list[Deed]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DEEDS, parameters)
        for public_id, *deed in cursor:
            found.setdefault(public_id, []).append(Deed(*deed))
    return found
