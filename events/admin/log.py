"""The log in the admin: read only, and never counted in full."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from events.admin.rates import show_rates
from events.models import Event, EventKey, RefreshRequest, RejectedEvent

MOST_PAGES = 100


class UncountedPaginator(Paginator[Any]):
    """Pages without a count of all rows: a partitioned log has too many to count for a page."""

    @cached_property
    def count(self) -> int:
        """How many rows the first `MOST_PAGES` pages hold; no more are looked at."""
        rows = self.object_list[: self.per_page * MOST_PAGES]
        return len(rows.values_list("pk")) if isinstance(rows, QuerySet) else len(rows)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """What nobody writes by hand."""

    paginator = UncountedPaginator
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Rows come from the API, imports and the shop's server."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Rows are never changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Rows go by retention and erasure, not one by one."""
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The latest events; a search by event id reads one partition."""

    list_display = [
        "occurred_at", "type", "customer", "visitor_id", "product", "quantity", "unit_price",
        "currency", "order_id", "request_id", "query", "event_id",
    ]  # fmt: skip
    # An event is found by its time, not by its number alone: so there are no pages of one event.
    list_display_links = None
    list_filter = ["type", "occurred_at"]
    ordering = ["-occurred_at", "-id"]
    list_select_related = ["customer", "product"]
    search_fields = ["event_id"]
    search_help_text = "A whole event id."

    def get_urls(self) -> list[URLPattern]:
        """The list, and before it the charts of rates."""
        rates = self.admin_site.admin_view(self.show_rates)
        return [path("rates/", rates, name="events_event_rates"), *super().get_urls()]

    def show_rates(self, request: HttpRequest) -> TemplateResponse:
        """How many events there were, by type, and how many were rejected, by reason."""
        return show_rates(request, self.admin_site.each_context(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The one event with that id: its key tells its time, and so its partition."""
        if not search_term:
            return super().get_search_results(request, queryset, search_term)
        key = EventKey.objects.filter(pk=search_term).first()
        if key is None:
            return queryset.none(), False
        return queryset.filter(occurred_at=key.occurred_at, event_id=key.event_id), False


@admin.register(RejectedEvent)
class RejectedEventAdmin(ReadOnlyAdmin):
    """What could not be stored, by reason."""

    list_display = [
        "received_at", "code", "pointer", "detail", "event_id", "product_public_id",
        "customer_public_id", "replayed_at",
    ]  # fmt: skip
    list_filter = ["code", "received_at", ("replayed_at", admin.EmptyFieldListFilter)]
    ordering = ["-received_at"]
    search_fields = ["event_id__exact", "product_public_id__exact"]
    search_help_text = "A whole event id or product id."


@admin.register(RefreshRequest)
class RefreshRequestAdmin(ReadOnlyAdmin):
    """Whose recommendations are due; empty when the workers keep up."""

    list_display = ["requested_at", "customer", "visitor"]
    ordering = ["requested_at"]
    list_select_related = ["customer", "visitor"]
