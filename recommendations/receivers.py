"""Domain signal → one task."""

from typing import Any

from django.dispatch import receiver

from api.background import nudge_soon
from events.signals import interactions_recorded
from recommendations.tasks import refresh_shoppers


@receiver(interactions_recorded)
def refresh_active_shoppers(**_: Any) -> None:
    """Enqueue the refresh of whoever is due; who that is stands in the database."""
    nudge_soon(refresh_shoppers)
