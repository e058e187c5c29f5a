"""Who is whom in the admin; here, because undoing a link changes whose events are whose."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from customers.models import IdentityLink
from events.services import take_back_link


@admin.register(IdentityLink)
class IdentityLinkAdmin(admin.ModelAdmin[IdentityLink]):
    """Who is whom, and since when; a link can be undone but not edited."""

    list_display = ["visitor", "customer", "linked_at", "logged_out_at", "ended_at", "undone_at"]
    list_filter = [
        ("ended_at", admin.EmptyFieldListFilter), ("undone_at", admin.EmptyFieldListFilter),
        "linked_at",
    ]  # fmt: skip
    list_select_related = ["visitor", "customer"]
    search_fields = ["customer__public_id"]
    show_full_result_count = False
    actions = ["undo"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Links are made by POST /v1/identify."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """The list is shown (and its actions are); a link itself is not edited."""
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """The record of a link stays."""
        return False

    @admin.action(description="Undo the selected links")
    def undo(self, request: HttpRequest, queryset: QuerySet[IdentityLink]) -> None:
        """Let the selected links never have been; recommendations are made anew."""
        undone = sum(
            take_back_link(pk) is not None for pk in list(queryset.values_list("pk", flat=True))
        )
        messages.success(request, f"{undone} undone.")
