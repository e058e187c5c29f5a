"""The wire shape of training runs."""

from typing import Any

from rest_framework import serializers

from recommendations.models import TrainingRun


class TrainingRunSerializer(serializers.Serializer[Any]):
    """A training run: what it learned from, how good it was, and how it ended.

    `reason` tells why it was refused or failed. `metrics` holds, by strategy and metric, the value
    with its 95 % interval; `gate` what the run was compared with.
    """

    id = serializers.IntegerField()
    live = serializers.BooleanField()
    state = serializers.ChoiceField(choices=TrainingRun.State.values)
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]  # DRF's `parent`
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    window_start = serializers.DateTimeField(allow_null=True)
    window_end = serializers.DateTimeField()
    events = serializers.IntegerField()
    shoppers = serializers.IntegerField()
    products = serializers.IntegerField()
    seconds = serializers.DictField(child=serializers.FloatField())
    reason = serializers.CharField(allow_blank=True)
    measured_users = serializers.IntegerField()
    metrics = serializers.DictField(
        child=serializers.DictField(child=serializers.DictField(child=serializers.FloatField()))
    )
    gate = serializers.DictField()


class LiveRunSerializer(serializers.Serializer[Any]):
    """The run that is live now, and the one that it replaced (null before the second)."""

    run = serializers.IntegerField()
    replaced = serializers.IntegerField(allow_null=True)


def render_run(run: TrainingRun, live_id: int | None) -> dict[str, Any]:
    """The wire form of `run`; `live_id` is the one that is live."""
    return {
        "id": run.pk,
        "live": run.pk == live_id,
        "state": run.state,
        "parent": run.parent_id,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "window_start": run.window_start,
        "window_end": run.window_end,
        "events": run.events,
        "shoppers": run.shoppers,
        "products": run.products,
        "seconds": run.seconds,
        "reason": run.error,
        "measured_users": run.metrics.get("users", 0),
        "metrics": run.metrics.get("metrics", {}),
        "gate": run.metrics.get("gate", {}),
    }
