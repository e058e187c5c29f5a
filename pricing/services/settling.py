"""Let prices come to rest where list price, cost or a rule's margin leave them no choice."""

from django.db import connection

from pricing.services.publishing import Change, publish_prices

# Imports settle what they change themselves; what is left is what a new rule version asks for.
_UNSETTLED = """
SELECT o.variant_id FROM catalogue_offer AS o
WHERE EXISTS (SELECT FROM pricing_pricingrule WHERE retired_at IS NULL)
  AND EXISTS (SELECT FROM pricing_resting_price(o.variant_id, 'settle'))
"""


def settle_prices() -> int:
    """Settle whatever needs it; how many prices moved."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSETTLED)
        ids = [variant_id for (variant_id,) in cursor]
    changes = [Change(pk, None, "list", "settle", decided_by="guardrails") for pk in ids]
    return sum(publication.outcome == "applied" for publication in publish_prices(changes))
