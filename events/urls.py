"""URLs of events and identity, below /v1."""

from django.urls import path

from events.views import (
    ConsentView,
    EventSummaryView,
    EventsView,
    IdentifyView,
    LogoutView,
    MergeView,
    UnlinkView,
)

urlpatterns = [
    path("events", EventsView.as_view(), name="events"),
    path("events/summary", EventSummaryView.as_view(), name="event-summary"),
    path("identify", IdentifyView.as_view(), name="identify"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("unlink", UnlinkView.as_view(), name="unlink"),
    path("consent", ConsentView.as_view(), name="consent"),
    path("customers/<path:customer_id>/merge", MergeView.as_view(), name="customer-merge"),
]
