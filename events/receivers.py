"""Domain signal → one task."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from api.background import nudge
from events.services import new_event_id
from events.signals import product_viewed
from events.tasks import log_product_view


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
