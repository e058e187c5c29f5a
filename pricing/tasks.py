"""Aggregate what prices are decided from."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from api.background import periodic
from pricing.services.signals import aggregate_signals, prune_signals


@shared_task
@periodic("demand signals")
def aggregate_demand_signals() -> dict[str, Any]:
    """Write the signals of the half hour that ended, and drop those of slots long past."""
    now = timezone.now()
    done = aggregate_signals(now)
    return {
        "slot": done.slot.isoformat(),
        "changed": done.changed,
        "pruned": prune_signals(now),
    }
