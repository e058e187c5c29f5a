"""Facts about the log as a whole."""

from datetime import datetime

from django.db.models import Max

from events.models import Event


def latest_event_at() -> datetime | None:
    """When the latest event occurred; None for an empty log. Read from the index's end."""
    latest: datetime | None = Event.objects.aggregate(latest=Max("occurred_at"))["latest"]
    return latest
