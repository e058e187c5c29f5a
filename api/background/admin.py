"""Look at what ran in the background; nothing here is changed by hand."""

from django.contrib import admin
from django.http import HttpRequest

from api.background.models import PeriodicRun


@admin.register(PeriodicRun)
class PeriodicRunAdmin(admin.ModelAdmin[PeriodicRun]):
    """When each periodic task ran, how it ended, and what it did."""

    list_display = ("name", "state", "started_at", "seconds", "detail")
    list_filter = ("name", "state", "started_at")
    search_fields = ("name", "detail")
    show_full_result_count = False

    @admin.display(description="seconds")
    def seconds(self, run: PeriodicRun) -> float | None:
        """How long it took; None while it runs."""
        if run.finished_at is None:
            return None
        return round((run.finished_at - run.started_at).total_seconds(), 3)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PeriodicRun | None = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PeriodicRun | None = None) -> bool:  # noqa: ARG002
        """Never: a task forgets them after a week."""
        return False
