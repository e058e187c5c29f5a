"""Delete what was kept long enough: rejected events, and visitors who never did anything."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from events.models import RejectedEvent

# Whoever said what they allow is kept, for else they would be asked again.
_IDLE = """
DELETE FROM customers_visitor AS v
WHERE v.created_at < %s AND v.analytics IS NULL AND v.personalisation IS NULL AND NOT v.is_bot
  AND NOT v.is_erasing
  AND NOT EXISTS (SELECT FROM events_event AS e WHERE e.visitor_id = v.id)
  AND NOT EXISTS (SELECT FROM customers_identitylink AS link WHERE link.visitor_id = v.id)
  AND NOT EXISTS (SELECT FROM events_refreshrequest AS due WHERE due.visitor_id = v.id)
"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows were deleted."""

    rejected_events: int = 0
    visitors: int = 0


def forget_old() -> Forgotten:
    """Delete what is older than REJECTED_EVENTS_RETENTION_DAYS and VISITORS_RETENTION_DAYS.

    0 keeps it for ever. A visitor who is gone is created anew by its next event.
    """
    now = timezone.now()
    rejected = idle = 0
    if days := settings.REJECTED_EVENTS_RETENTION_DAYS:
        old = RejectedEvent.objects.filter(received_at__lt=now - timedelta(days=days))
        rejected, _ = old.delete()
    if days := settings.VISITORS_RETENTION_DAYS:
        with connection.cursor() as cursor:
            cursor.execute(_IDLE, [now - timedelta(days=days)])
            idle = cursor.rowcount
    return Forgotten(rejected, idle)
