"""Periodic tasks of the background machinery itself."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from api.background.models import PeriodicRun
from api.background.periodic import periodic
from api.background.selectors import HEARTBEAT

KEPT_FOR = timedelta(days=7)


@shared_task
def beat_heartbeat() -> None:
    """Note that Beat and a worker are alive: one row, updated in place."""
    PeriodicRun.objects.update_or_create(
        name=HEARTBEAT,
        defaults={"state": PeriodicRun.State.SUCCEEDED, "finished_at": timezone.now()},
    )


@shared_task
@periodic("prune periodic runs")
def prune_periodic_runs() -> dict[str, int]:
    """Delete records of runs older than a week."""
    old = PeriodicRun.objects.filter(started_at__lt=timezone.now() - KEPT_FOR)
    return {"deleted": old.delete()[0]}
