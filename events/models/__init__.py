"""The append-only log of interactions, what de-duplicates it, and what follows from it."""

from events.models.log import (
    AWAITING_CODES,
    ID_LENGTH,
    QUERY_LENGTH,
    REFRESHING_TYPES,
    Event,
    EventKey,
    RefreshRequest,
    RejectedEvent,
    Restriction,
)
from events.models.rollups import DailyActivity, EventCount, StaleDay
from events.models.types import EventType

__all__ = [
    "AWAITING_CODES",
    "ID_LENGTH",
    "QUERY_LENGTH",
    "REFRESHING_TYPES",
    "DailyActivity",
    "Event",
    "EventCount",
    "EventKey",
    "EventType",
    "RefreshRequest",
    "RejectedEvent",
    "Restriction",
    "StaleDay",
]
