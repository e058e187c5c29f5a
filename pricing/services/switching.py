"""The kill switch: list price (or the floor, if higher) everywhere, at once, and until released."""

import time
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone

from catalogue.models import Category
from pricing.models import PricingAction, PricingSwitch
from pricing.services.acting import note_action
from pricing.services.publishing import BATCH, SWITCH_LOCK, Change, publish_batch

# How long the caller waits for offers that somebody else holds; Beat goes on where it left off.
PATIENCE_SECONDS = 4.0
PAUSE_SECONDS = 0.05

# What most people look at comes first: a hundred thousand prices take longer than a few seconds.
_MOVED = """
SELECT o.variant_id FROM catalogue_offer AS o
JOIN catalogue_variant AS v ON v.id = o.variant_id
JOIN catalogue_product AS p ON p.id = v.product_id
JOIN pricing_pricehistory AS h ON h.variant_id = o.variant_id AND upper_inf(h.period)
WHERE NOT (h.basis = 'list' AND h.amount = v.list_price AND h.currency = v.currency)
  AND pricing_is_killed(v.product_id)
  AND EXISTS (SELECT FROM pricing_resting_price(o.variant_id, 'kill_switch'))
ORDER BY p.popularity DESC, o.variant_id
"""


def kill_prices(actor: str, reason: str = "", category: Category | None = None) -> int:
    """Engage the switch of `category`, or of all prices; how many prices were returned by then.

    Once it is engaged no other price can be set; those that somebody holds follow within seconds.
    """
    _flip(category, actor, reason, engage=True)
    return return_to_list()


def resume_prices(actor: str, reason: str = "", category: Category | None = None) -> None:
    """Release the switch; prices move again with the next round."""
    _flip(category, actor, reason, engage=False)


def _flip(category: Category | None, actor: str, reason: str, *, engage: bool) -> None:
    kind = PricingAction.Kind.KILL if engage else PricingAction.Kind.RESUME
    with transaction.atomic():
        with connection.cursor() as cursor:
            # After this, every price that was being decided is committed, and found below.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [SWITCH_LOCK])
        PricingSwitch.objects.update_or_create(
            category=category,
            defaults={
                "is_engaged": engage, "changed_at": timezone.now(), "changed_by": actor,
                "reason": reason,
            },
        )  # fmt: skip
        note_action(kind, actor, str(category or "all prices"), reason)


def return_to_list(patience: float = PATIENCE_SECONDS) -> int:
    """Return every price under an engaged switch to list price; how many that were."""
    if not PricingSwitch.objects.filter(is_engaged=True).exists():
        return 0
    returned, deadline = 0, time.monotonic() + patience
    while moved := _moved():
        done = sum(_return(moved[n : n + BATCH]) for n in range(0, len(moved), BATCH))
        returned += done
        if time.monotonic() > deadline:
            break
        if not done:
            time.sleep(PAUSE_SECONDS)
    return returned


def _moved() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_MOVED)
        return [variant_id for (variant_id,) in cursor]


def _return(variant_ids: Sequence[int]) -> int:
    changes = [
        Change(pk, None, "list", "kill_switch", decided_by="kill switch") for pk in variant_ids
    ]
    with transaction.atomic():
        published = publish_batch(changes)
    return sum(publication.outcome == "applied" for publication in published)
