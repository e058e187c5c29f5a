"""Write the log."""

from events.services.partitions import ensure_partitions, ensure_partitions_ahead
from events.services.refreshes import complete_refreshes, request_refresh

__all__ = [
    "complete_refreshes",
    "ensure_partitions",
    "ensure_partitions_ahead",
    "request_refresh",
]
