"""Make a run live in one transaction; prune those that are too old to roll back to."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from recommendations.exceptions import UnknownRunError
from recommendations.models import (
    ActiveRun,
    CustomerFactors,
    CustomerRecommendations,
    MeasuredModel,
    PopularProducts,
    ProductFactors,
    RunActivation,
    SimilarProducts,
    TrainingRun,
    VisitorRecommendations,
)
from recommendations.selectors.runs import forget_active_run
from recommendations.services.latecomers import refresh_latecomers

ROW_MODELS = (
    CustomerFactors,
    CustomerRecommendations,
    MeasuredModel,
    PopularProducts,
    ProductFactors,
    SimilarProducts,
    VisitorRecommendations,
)


@transaction.atomic
def activate_run(run_id: int, actor: str) -> None:
    """Make `run_id` live, on record as done by `actor`; once live, nothing changes.

    Whoever did something since its training began is refreshed: their rows may lack it, as a run
    that is gone back to lacks all that came while another was live.
    Raises UnknownRunError for a run that does not exist, failed, or was pruned.
    """
    run = TrainingRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.state != TrainingRun.State.READY:
        state = f"is {run.state}" if run else "does not exist"
        raise UnknownRunError(f"Run {run_id} {state}, so it can't go live.")
    active = ActiveRun.objects.select_for_update().first()
    if active is not None and active.run_id == run_id:
        return
    replaced_id = active.run_id if active else None
    ActiveRun.objects.update_or_create(
        pk=1,
        defaults={"run": run, "previous_id": replaced_id, "activated_at": timezone.now()},
    )
    RunActivation.objects.create(run=run, replaced_id=replaced_id, actor=actor[:200])
    refresh_latecomers(run.started_at)
    transaction.on_commit(forget_active_run)


@transaction.atomic
def roll_back(actor: str) -> int:
    """Make the run before the live one live again; its id. UnknownRunError where there is none."""
    active = ActiveRun.objects.select_for_update().first()
    previous = active.previous_id if active else None
    if previous is None:
        raise UnknownRunError("There is no run before the live one to roll back to.")
    activate_run(previous, actor)
    return previous


@transaction.atomic
def prune_runs() -> int:
    """Delete the rows of ready runs beyond the newest few; the live and the one before it stay."""
    active = ActiveRun.objects.select_for_update().first()
    kept = {active.run_id, active.previous_id} if active else set()
    ready = TrainingRun.objects.filter(state=TrainingRun.State.READY).order_by("-pk")
    newest = list(ready.values_list("pk", flat=True))
    old = [pk for pk in newest[settings.RECOMMENDATIONS_RUNS_KEPT :] if pk not in kept]
    discard_rows(old)
    TrainingRun.objects.filter(pk__in=old).update(state=TrainingRun.State.PRUNED)
    return len(old)


def discard_rows(run_ids: list[int]) -> None:
    """Delete what `run_ids` produced."""
    for model in ROW_MODELS:
        model._default_manager.filter(run_id__in=run_ids).delete()  # noqa: SLF001 - Django's name
