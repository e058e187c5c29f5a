"""Store what a shop's server tells and what waited for its product; count; keep partitions."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils.dateparse import parse_datetime

from api.background import periodic
from events.algorithms.lines import EventLine
from events.models import EventType
from events.services import (
    ensure_partitions_ahead,
    forget_old,
    mark_bots,
    prune_events,
    record_interaction,
    replay_rejected,
    roll_up_events,
)


# The one task whose message is all that there is of its event: it comes back when a worker's child
# dies of something else, and is tried for more than an hour while the database is down.
@shared_task(
    autoretry_for=(Exception,), retry_backoff=True, max_retries=20, reject_on_worker_lost=True
)
def log_product_view(
    event_id: str,
    occurred_at: str,
    product_id: str,
    visitor_id: str | None,
    customer_id: str | None,
) -> str:
    """Store a view; again does nothing, for `event_id` is already there. What became of it."""
    moment = parse_datetime(occurred_at)
    if moment is None:
        return "rejected"
    view = EventLine(
        event_id, EventType.VIEW.value, moment, product_id,
        visitor_id=UUID(visitor_id) if visitor_id else None, customer_id=customer_id,
    )  # fmt: skip
    return record_interaction(view).result


@shared_task
def replay_events_of(product_ids: Sequence[int]) -> dict[str, int]:
    """Store the rejected events that waited for these products or their variants."""
    return asdict(replay_rejected(product_ids))


@shared_task
@periodic("replay rejected events")
def replay_rejected_events() -> dict[str, Any]:
    """Store the rejected events whose products and variants have come."""
    return asdict(replay_rejected())


@shared_task
@periodic("prune events")
def prune_old_events() -> dict[str, Any]:
    """Drop what is older than retention."""
    return asdict(prune_events())


@shared_task
@periodic("event partitions")
def make_event_partitions() -> dict[str, Any]:
    """Make the partitions of the coming months."""
    return {"made": ensure_partitions_ahead()}


@shared_task
@periodic("roll up events")
def roll_up_stale_days() -> dict[str, Any]:
    """Count the days that were written to."""
    return asdict(roll_up_events())


@shared_task
@periodic("mark bots")
def mark_busy_bots() -> dict[str, Any]:
    """Mark as bots whoever does more than a person can."""
    return asdict(mark_bots())


@shared_task
@periodic("forget old data")
def forget_old_data() -> dict[str, Any]:
    """Delete rejected events and idle visitors that were kept long enough."""
    return asdict(forget_old())
