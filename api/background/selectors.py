"""Read the records of periodic runs."""

from datetime import datetime

from api.background.models import PeriodicRun

HEARTBEAT = "beat heartbeat"


def last_heartbeat() -> datetime | None:
    """When Beat last got a worker to note that both are alive; None if it never did."""
    heartbeat = PeriodicRun.objects.filter(name=HEARTBEAT)
    return heartbeat.values_list("finished_at", flat=True).first()
