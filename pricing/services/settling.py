"""Let prices come to rest where list price, cost or a rule's margin leave them no choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from pricing.services.publishing import Change, publish_prices

# Imports settle what they change themselves; what is left is what a new rule version asks for.
_UNSETTLED = """
SELECT o.variant_id, v.product_id
FROM catalogue_offer AS o JOIN catalogue_variant AS v ON v.id = o.variant_id
WHERE EXISTS (SELECT FROM pricing_pricingrule WHERE retired_at IS NULL)
  AND (%(everything)s OR v.product_id = ANY(%(products)s::bigint[]))
  AND EXISTS (SELECT FROM pricing_resting_price(o.variant_id, 'settle'))
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """How many prices moved, and the products of which one should have and could not."""

    moved: int
    left: frozenset[int]


def settle_prices(products: Sequence[int] | None = None) -> Settled:
    """Settle whatever of `products` (None: of all) needs it."""
    parameters: dict[str, Any] = {"everything": products is None, "products": list(products or ())}
    with connection.cursor() as cursor:
        cursor.execute(_UNSETTLED, parameters)
        of = dict(cursor.fetchall())
    changes = [Change(pk, None, "list", "settle", decided_by="guardrails") for pk in of]
    published = publish_prices(changes)
    moved = {p.change.variant_id for p in published if p.outcome == "applied"}
    return Settled(len(moved), frozenset(of[pk] for pk in of if pk not in moved))
