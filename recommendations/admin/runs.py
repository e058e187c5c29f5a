"""Training runs with their figures and the action that makes one live."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from recommendations.admin.base import ReadOnlyAdmin
from recommendations.admin.quality import show_quality
from recommendations.exceptions import UnknownRunError
from recommendations.models import ActiveRun, RunActivation, TrainingRun
from recommendations.services.activation import activate_run, roll_back


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    """What was trained, how good it was, which one is live."""

    list_display = (
        "id", "live", "state", "started_at", "window_start", "window_end", "events", "shoppers",
        "products", "total_seconds", "ndcg",
    )  # fmt: skip
    list_filter = ("state", "started_at")
    ordering = ("-started_at",)
    actions = ("activate", "roll_back")
    exclude = ("metrics",)
    readonly_fields = ("metrics_table", "bands_table", "gate")

    def get_urls(self) -> list[URLPattern]:
        """The list, and before it the charts of quality."""
        page = self.admin_site.admin_view(self.show_quality)
        return [
            path("quality/", page, name="recommendations_trainingrun_quality"),
            *super().get_urls(),
        ]

    def show_quality(self, request: HttpRequest) -> TemplateResponse:
        """How good the runs were, over time."""
        return show_quality(request, self.admin_site.each_context(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingRun]:
        """Runs with whether they are live."""
        active = ActiveRun.objects.filter(run=OuterRef("pk"))
        runs: QuerySet[TrainingRun] = super().get_queryset(request)
        return runs.annotate(is_live=Exists(active))

    @admin.display(boolean=True)
    def live(self, run: Any) -> bool:
        """Whether shoppers are served from it."""
        live: bool = run.is_live
        return live

    @admin.display(description="seconds")
    def total_seconds(self, run: TrainingRun) -> float | None:
        """How long it took."""
        total: float | None = run.seconds.get("total")
        return total

    @admin.display(description="nDCG@20 of the blend")
    def ndcg(self, run: TrainingRun) -> str:
        """Measured on the last part of the window."""
        measured = run.metrics.get("metrics", {}).get("blend", {}).get("ndcg@20")
        return f"{measured['value']:.3f}" if measured else "–"  # noqa: RUF001 - a dash is meant

    @admin.display(description="metrics")
    def metrics_table(self, run: TrainingRun) -> SafeString:
        """Every strategy beside the blend, with 95 % intervals."""
        return _table(
            (name, ", ".join(_shown(metric, value) for metric, value in measured.items()))
            for name, measured in run.metrics.get("metrics", {}).items()
        )

    @admin.display(description="nDCG@20 by how many products a shopper is known by")
    def bands_table(self, run: TrainingRun) -> SafeString:
        """The activity bands."""
        return _table(
            (
                f"{band['products']} products, {band['users']} shoppers",
                ", ".join(
                    _shown(name, value)
                    for name, measured in band["metrics"].items()
                    for value in measured.values()
                ),
            )
            for band in run.metrics.get("bands", [])
        )

    @admin.display(description="the gate")
    def gate(self, run: TrainingRun) -> SafeString:
        """What it was compared with, and what the gate said."""
        found = run.metrics.get("gate", {})
        rows = [
            (
                f"beside {one['against']}, which has {one['base']:.4f}",
                f"{one['difference']:+.4f} [{one['low']:+.4f}, {one['high']:+.4f}]",
            )
            for one in found.get("comparisons", [])
        ]
        told = [(name, found[name]) for name in ("refused", "note") if found.get(name)]
        return _table([*rows, *(told or [("note", "–")])])  # noqa: RUF001 - a dash is meant

    def has_activate_permission(self, request: HttpRequest) -> bool:
        """Who may change training runs may make one live."""
        allowed: bool = request.user.has_perm("recommendations.change_trainingrun")
        return allowed

    @admin.action(description="Make the selected run live", permissions=["activate"])
    def activate(self, request: HttpRequest, queryset: QuerySet[TrainingRun]) -> None:
        """Make one run live, on record with who did it."""
        runs = list(queryset[:2])
        if len(runs) != 1:
            self.message_user(request, "Select exactly one run.", messages.ERROR)
            return
        try:
            activate_run(runs[0].pk, f"admin: {request.user.get_username()}")
        except UnknownRunError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"Run {runs[0].pk} is live.", messages.SUCCESS)

    @admin.action(description="Roll back to the run before the live one", permissions=["activate"])
    def roll_back(self, request: HttpRequest, queryset: QuerySet[TrainingRun]) -> None:  # noqa: ARG002 - the live run is meant, whatever is selected
        """Undo the last activation, on record with who did it."""
        try:
            run_id = roll_back(f"admin: {request.user.get_username()}")
        except UnknownRunError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"Run {run_id} is live again.", messages.SUCCESS)


def _table(rows: Iterable[tuple[str, str]]) -> SafeString:
    body = format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", rows)
    return format_html("<table>{}</table>", body)


def _shown(metric: str, value: dict[str, float]) -> str:
    return f"{metric} {value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"


@admin.register(RunActivation)
class RunActivationAdmin(ReadOnlyAdmin):
    """Who made which run live."""

    list_display = ("run", "replaced", "actor", "activated_at")
    list_filter = ("activated_at",)
    search_fields = ("actor",)
    ordering = ("-activated_at",)
    list_select_related = ("run", "replaced")
