"""App configuration."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class EventsConfig(AppConfig):
    """The append-only log of interactions."""

    name = "events"

    def ready(self) -> None:
        """Connect receivers, and make the partitions that live events need on each migrate."""
        import events.receivers  # noqa: F401, PLC0415 - models must be loaded first
        from customers.services import register_holding  # noqa: PLC0415
        from events.services.personal_data import HOLDING  # noqa: PLC0415

        register_holding(HOLDING)
        post_migrate.connect(make_partitions_ahead, sender=self)


def make_partitions_ahead(using: str, **_: Any) -> None:
    """Make this month's partition and the next ones, as Beat does later."""
    from events.services import ensure_partitions_ahead  # noqa: PLC0415 - as above

    if "events_event" in connections[using].introspection.table_names():
        ensure_partitions_ahead()
