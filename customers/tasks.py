"""Carry out erasures that are much, and go on with those that were cut short."""

from typing import Any
from uuid import UUID

from celery import shared_task

from api.background import periodic
from customers.services import finish_erasure, finish_erasures


@shared_task
def carry_out_erasure(erasure_id: str) -> bool:
    """Erase what is too much for a request; False where somebody else did."""
    return finish_erasure(UUID(erasure_id))


@shared_task
@periodic("finish erasures")
def finish_cut_short_erasures() -> dict[str, Any]:
    """Erase what a killed process left."""
    return {"finished": finish_erasures()}
