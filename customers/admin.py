"""Shoppers and identity in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from customers.models import Customer, IdentityLink, Visitor
from customers.services import undo_link


class LinkInline(admin.TabularInline[IdentityLink, Any]):
    """The links of a shopper, newest first; undone in the list of links."""

    model = IdentityLink
    extra = 0
    can_delete = False
    ordering = ["-linked_at"]
    fields = readonly_fields = (
        "visitor", "customer", "linked_at", "logged_out_at", "ended_at", "undone_at",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Links are made by POST /v1/identify."""
        return False


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin[Customer]):
    """Customers, found by the merchant's id."""

    list_display = ["public_id", "user", "created_at"]
    search_fields = ["public_id"]
    search_help_text = "The merchant's customer id."
    date_hierarchy = "created_at"
    list_select_related = ["user"]
    raw_id_fields = ["user"]
    readonly_fields = [
        "root", "analytics", "personalisation", "consented_at", "is_bot", "bot_reason",
        "created_at",
    ]  # fmt: skip
    list_filter = ["is_bot", "analytics", "personalisation"]
    show_full_result_count = False
    inlines = [LinkInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Events would be left behind that name nobody."""
        return False


@admin.register(Visitor)
class VisitorAdmin(admin.ModelAdmin[Visitor]):
    """Anonymous devices; read only."""

    list_display = ["id", "created_at"]
    search_fields = ["id__exact"]
    search_help_text = "A whole visitor id."
    ordering = ["-created_at"]
    list_filter = ["is_bot", "analytics", "personalisation"]
    readonly_fields = [
        "id", "analytics", "personalisation", "consented_at", "is_bot", "bot_reason", "created_at",
    ]  # fmt: skip
    show_full_result_count = False
    inlines = [LinkInline]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Visitors are made by POST /v1/visitors, with their token."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Events would be left behind that name nobody."""
        return False


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
        """Let the selected links never have been."""
        undone = sum(
            undo_link(pk) is not None for pk in list(queryset.values_list("pk", flat=True))
        )
        messages.success(request, f"{undone} undone.")
