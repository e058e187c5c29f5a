"""Write the log."""

from events.services.bots import Marked, mark_bots
from events.services.forgetting import Forgotten, forget_old
from events.services.identities import (
    identify_visitor,
    log_out,
    merge,
    note_consent,
    take_back_link,
    unlink,
    unmerge,
)
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
from events.services.refreshes import complete_refreshes, request_refreshes
from events.services.replaying import Replayed, replay_rejected
from events.services.retention import Pruned, prune_events
from events.services.rolling_up import RolledUp, count_all_days_again, roll_up_events

__all__ = [
    "DUPLICATE",
    "REJECTED",
    "STORED",
    "Forgotten",
    "ImportReport",
    "Marked",
    "Outcome",
    "Pruned",
    "Replayed",
    "RolledUp",
    "complete_refreshes",
    "count_all_days_again",
    "count_outcomes",
    "ensure_partitions",
    "ensure_partitions_ahead",
    "forget_old",
    "identify_visitor",
    "import_events",
    "log_out",
    "mark_bots",
    "merge",
    "new_event_id",
    "note_consent",
    "prune_events",
    "record_events",
    "record_interaction",
    "replay_rejected",
    "request_refreshes",
    "roll_up_events",
    "take_back_link",
    "unlink",
    "unmerge",
]
