"""Whose recommendations are due."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events.models import RefreshRequest


@dataclass(frozen=True, slots=True)
class RefreshDue:
    """A shopper, either a customer or a visitor, whose recommendations are due."""

    id: int
    customer_id: int | None
    visitor_id: UUID | None
    requested_at: datetime


def pending_refreshes(limit: int = 1000) -> list[RefreshDue]:
    """Up to `limit` shoppers whose recommendations are due, the longest-waiting first.

    Hand those done to `events.services.complete_refreshes`.
    """
    fields = ("id", "customer_id", "visitor_id", "requested_at")
    rows = RefreshRequest.objects.order_by("requested_at", "id").values_list(*fields)[:limit]
    return [RefreshDue(*row) for row in rows]
