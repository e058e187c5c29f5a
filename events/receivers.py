"""Domain signal → one task."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from api.background import nudge
from catalogue.signals import products_changed
from events.services import new_event_id
from events.signals import product_viewed
from events.tasks import log_product_view, replay_events_of, replay_rejected_events

# Beyond this a message would be long, and looking through all that waits is quicker.
_MANY = 1_000


@receiver(products_changed)
def replay_what_waited(product_ids: list[int], **_: Any) -> None:
    """Enqueue the storing of events that came before their products."""
    if len(product_ids) <= _MANY:
        nudge(replay_events_of, product_ids)
    else:
        nudge(replay_rejected_events)


@receiver(product_viewed)
def log_view(
    product_id: str, visitor_id: UUID | None = None, customer_id: str | None = None, **_: Any
) -> None:
    """Enqueue the storing of a view; without a broker, store it at once rather than lose it."""
    view = (
        new_event_id(),
        timezone.now().isoformat(),
        product_id,
        str(visitor_id) if visitor_id else None,
        customer_id,
    )
    if not nudge(log_product_view, *view):
        log_product_view(*view)
