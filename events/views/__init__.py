"""Take events in, let a visitor be a customer, and tell how much of what there was."""

from events.views.identities import (
    ConsentView,
    IdentifyView,
    LogoutView,
    MergeView,
    UnlinkView,
)
from events.views.sending import EventsView
from events.views.summaries import EventSummaryView

__all__ = [
    "ConsentView",
    "EventSummaryView",
    "EventsView",
    "IdentifyView",
    "LogoutView",
    "MergeView",
    "UnlinkView",
]
