"""URLs of events and identity, below /v1."""

from django.urls import path

from events.views import EventSummaryView, EventsView, IdentifyView

urlpatterns = [
    path("events", EventsView.as_view(), name="events"),
    path("events/summary", EventSummaryView.as_view(), name="event-summary"),
    path("identify", IdentifyView.as_view(), name="identify"),
]
