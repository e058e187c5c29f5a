"""Training, refreshing and neighbours, outside requests.

Services are imported where they are used: web processes import this module to enqueue, and must
not load the numeric libraries with it.
"""

from typing import Any

from celery import shared_task

from api.background import periodic


@shared_task
@periodic("train recommendations")
def train_recommendations() -> dict[str, Any]:
    """Train on the window that the settings name, and make live what the gate lets pass."""
    from recommendations.exceptions import (  # noqa: PLC0415 - see above
        EmptyWindowError,
        RunRefusedError,
        TrainingInProgressError,
    )
    from recommendations.services.training import Window, train  # noqa: PLC0415

    try:
        report = train(Window.from_settings())
    except (EmptyWindowError, TrainingInProgressError) as error:
        return {"skipped": str(error)}
    except RunRefusedError as error:
        return {"refused": str(error)}
    return {"run": report.run_id, "events": report.events, "seconds": report.seconds}


@shared_task
def refresh_shoppers() -> None:
    """Refresh whoever is due."""
    from recommendations.services.refreshing import refresh_due_shoppers  # noqa: PLC0415

    refresh_due_shoppers()


@shared_task
@periodic("sweep refresh requests")
def sweep_refreshes() -> dict[str, Any]:
    """Refresh whom lost nudges left behind."""
    from recommendations.services.refreshing import refresh_due_shoppers  # noqa: PLC0415

    return {"refreshed": refresh_due_shoppers()}


@shared_task
@periodic("text neighbours")
def update_text_neighbours() -> dict[str, Any]:
    """Find the neighbours of products whose texts were embedded since."""
    from recommendations.services.neighbours import update_neighbours  # noqa: PLC0415

    return {"updated": update_neighbours()}


@shared_task
@periodic("trending products")
def update_trending() -> dict[str, Any]:
    """Find what rises against the usual."""
    from recommendations.services.trends import update_trends  # noqa: PLC0415

    return {"rising": update_trends()}


@shared_task
@periodic("purchase cycles")
def update_purchase_cycles() -> dict[str, Any]:
    """Find how often products are bought again."""
    from recommendations.services.trends import update_cycles  # noqa: PLC0415

    return {"products": update_cycles()}
