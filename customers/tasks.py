"""Go on with erasures that were cut short."""

from typing import Any

from celery import shared_task

from api.background import periodic
from customers.services import finish_erasures


@shared_task
@periodic("finish erasures")
def finish_cut_short_erasures() -> dict[str, Any]:
    """Erase what a killed process left."""
    return {"finished": finish_erasures()}
