"""A page of charts: how good the runs were, refused ones included."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse

from recommendations.algorithms.line_charts import LineChart, draw_lines
from recommendations.models import ActiveRun, TrainingRun

SHOWN = 60
STRATEGIES = ("blend", "als", "item_knn", "recent_popularity", "popularity")
METRICS = (
    ("ndcg@20", "nDCG@20"), ("recall@20", "Recall@20"), ("map", "MAP"),
    ("coverage@20", "Coverage@20: the part of the products that is shown to anybody"),
    ("novelty@20", "Novelty@20: how little known what is shown is, in bits"),
)  # fmt: skip
TEMPLATE = "admin/recommendations/trainingrun/quality.html"


def show_quality(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    """The last runs that were measured, the newest at the right."""
    if not request.user.has_perm("recommendations.view_trainingrun"):
        raise PermissionDenied
    measured = TrainingRun.objects.filter(metrics__users__gt=0).order_by("-pk")[:SHOWN]
    runs = list(reversed(measured))
    active = ActiveRun.objects.first()
    page = {
        "title": "Quality of training runs",
        "charts": [(caption, _chart(runs, metric)) for metric, caption in METRICS],
        "runs": runs,
        "live": active.run_id if active else None,
    }
    return TemplateResponse(request, TEMPLATE, context | page)


def _chart(runs: Sequence[TrainingRun], metric: str) -> LineChart:
    labels = [f"{run.pk} ({run.started_at:%d %b %H:%M})" for run in runs]
    values = {
        strategy: [_value(run.metrics, strategy, metric) for run in runs] for strategy in STRATEGIES
    }
    return draw_lines(values, labels)


def _value(metrics: dict[str, Any], strategy: str, metric: str) -> float | None:
    found = metrics.get("metrics", {}).get(strategy, {}).get(metric)
    return float(found["value"]) if found else None
