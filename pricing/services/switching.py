"""The kill switch: list price (or the floor, if higher) everywhere, at once, and until released."""

import queue
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from catalogue.models import Category
from pricing.models import PricingAction, PricingSwitch
from pricing.services.acting import note_action
from pricing.services.publishing import SWITCH_LOCK, Change, publish_batch

# How long the caller waits for offers that somebody else holds; Beat goes on where it left off.
PATIENCE_SECONDS = 4.0
PAUSE_SECONDS = 0.05
BATCH = 1000
# Of the database, that return prices side by side; each price is one core's work.
SESSIONS = 4

# What most people look at comes first. A price that stands at list price follows it by itself, so
# an index of the others finds all that moved; of decided ones the rest is told without a call each.
_MOVED = """
SELECT o.variant_id FROM pricing_pricehistory AS h
JOIN catalogue_offer AS o ON o.variant_id = h.variant_id
JOIN catalogue_variant AS v ON v.id = h.variant_id
JOIN catalogue_product AS p ON p.id = v.product_id
LEFT JOIN pricing_pricingrule AS r ON r.id = h.rule_id AND r.currency = v.currency
WHERE upper_inf(h.period) AND h.basis <> 'list'
  AND (
    EXISTS (SELECT FROM pricing_pricingswitch WHERE is_engaged AND category_id IS NULL)
    OR pricing_is_killed(p.id)
  )
  AND CASE WHEN h.basis = 'floor'
    THEN EXISTS (SELECT FROM pricing_resting_price(v.id, 'kill_switch'))
    ELSE h.currency <> v.currency OR h.amount <>
      greatest(v.list_price, pricing_floor(v.cost, r.margin_floor, v.currency))
  END
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
        done = _return_all(moved)
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


def _return_all(moved: Sequence[int]) -> int:
    """Return these prices, in their order as far as the sessions allow; how many that were."""
    batches: queue.SimpleQueue[Sequence[int]] = queue.SimpleQueue()
    for start in range(0, len(moved), BATCH):
        batches.put(moved[start : start + BATCH])
    # What a transaction that is not committed has moved, another session does not see.
    helpers = 0 if connection.in_atomic_block else min(SESSIONS, batches.qsize()) - 1
    with ThreadPoolExecutor(max(1, helpers)) as pool:
        helping = [pool.submit(_help, batches) for _ in range(helpers)]
        done = _return_queued(batches)
    return done + sum(one.result() for one in helping)


def _help(batches: "queue.SimpleQueue[Sequence[int]]") -> int:
    """Return prices in a session of its own; where there is none to be had, others do it."""
    try:
        connection.ensure_connection()
    except OperationalError:
        return 0
    try:
        return _return_queued(batches)
    finally:
        connection.close()


def _return_queued(batches: "queue.SimpleQueue[Sequence[int]]") -> int:
    done = 0
    while True:
        try:
            batch = batches.get_nowait()
        except queue.Empty:
            return done
        done += _return(batch)


def _return(variant_ids: Sequence[int]) -> int:
    changes = [
        Change(pk, None, "list", "kill_switch", decided_by="kill switch") for pk in variant_ids
    ]
    with transaction.atomic():
        published = publish_batch(changes)
    return sum(publication.outcome == "applied" for publication in published)
