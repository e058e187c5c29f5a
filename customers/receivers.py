"""Domain signal → one task."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from api.background import nudge
from customers.signals import erasure_begun
from customers.tasks import carry_out_erasure


@receiver(erasure_begun)
def carry_out(erasure_id: UUID, **_: Any) -> None:
    """Enqueue the erasure; a nudge that is lost is made up for by Beat."""
    nudge(carry_out_erasure, str(erasure_id))
