"""Pricing by the clock.

Services are imported where they are used: web processes import this module too, and must not load
the numeric libraries with it.
"""

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


@shared_task
@periodic("fit demand model")
def fit_demand_model() -> dict[str, Any]:
    """Learn anew how sales answer to prices."""
    from pricing.services.fitting import fit_demand  # noqa: PLC0415 - see above

    fit = fit_demand(timezone.now())
    return {"products": fit.products, "units": fit.units, "elasticity": fit.elasticity}


@shared_task
@periodic("decide prices")
def decide_prices() -> dict[str, Any]:
    """Decide on all prices that a rule governs, on the signals of the half hour that ended."""
    from pricing.services.deciding import decide_prices as decide  # noqa: PLC0415 - see above

    return decide()


@shared_task
@periodic("keep prices")
def keep_prices() -> dict[str, Any]:
    """Begin and end campaigns, let stale proposals expire, and finish what a kill switch began."""
    from pricing.services.campaigning import run_campaigns  # noqa: PLC0415 - see above
    from pricing.services.reviewing import expire_proposals  # noqa: PLC0415 - see above
    from pricing.services.switching import return_to_list  # noqa: PLC0415 - see above

    returned = return_to_list()
    return {"returned": returned, "expired": expire_proposals(timezone.now())} | run_campaigns()
