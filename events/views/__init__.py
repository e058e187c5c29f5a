"""Take events in, let a visitor be a customer, and tell how much of what there was."""

from events.views.sending import EventsView, IdentifyView
from events.views.summaries import EventSummaryView

__all__ = ["EventSummaryView", "EventsView", "IdentifyView"]
