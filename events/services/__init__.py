"""Write the log."""

from events.services.identities import identify_visitor
from events.services.importing import ImportReport, import_events
from events.services.partitions import ensure_partitions, ensure_partitions_ahead
from events.services.recording import (
    DUPLICATE,
    REJECTED,
    STORED,
    Outcome,
    count_outcomes,
    new_event_id,
    record_events,
    record_interaction,
)
from events.services.refreshes import complete_refreshes, request_refresh

__all__ = [
    "DUPLICATE",
    "REJECTED",
    "STORED",
    "ImportReport",
    "Outcome",
    "complete_refreshes",
    "count_outcomes",
    "ensure_partitions",
    "ensure_partitions_ahead",
    "identify_visitor",
    "import_events",
    "new_event_id",
    "record_events",
    "record_interaction",
    "request_refresh",
]
