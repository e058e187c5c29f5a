"""URLs of events and identity, below /v1."""

from django.urls import path

from events.views import EventsView, IdentifyView

urlpatterns = [
    path("events", EventsView.as_view(), name="events"),
    path("identify", IdentifyView.as_view(), name="identify"),
]
