"""Shoppers and identity in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from customers.models import (
    BotReason,
    ConsentRecord,
    Customer,
    CustomerMerge,
    Erasure,
    IdentityLink,
    Visitor,
)


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


class JudgesBots(admin.ModelAdmin[Any]):
    """Lets a person say who is a bot and who is none; no task says otherwise afterwards."""

    actions = ["mark_bots", "clear_bots"]

    @admin.action(description="These are bots")
    def mark_bots(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Keep them out of figures and of what is learnt."""
        self._judge(request, queryset, is_bot=True)

    @admin.action(description="These are no bots")
    def clear_bots(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Count them again."""
        self._judge(request, queryset, is_bot=False)

    def _judge(self, request: HttpRequest, queryset: QuerySet[Any], *, is_bot: bool) -> None:
        judged = queryset.update(is_bot=is_bot, bot_reason=BotReason.PERSON)
        messages.success(request, f"{judged} judged.")


@admin.register(Customer)
class CustomerAdmin(JudgesBots):
    """Customers, found by the merchant's id."""

    list_display = ["public_id", "user", "is_bot", "analytics", "personalisation", "created_at"]
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
class VisitorAdmin(JudgesBots):
    """Anonymous devices; read only."""

    list_display = ["id", "is_bot", "analytics", "personalisation", "created_at"]
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


class RecordAdmin(admin.ModelAdmin[Any]):
    """What the API writes; read only."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Made by the API."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """A record stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """A record stays."""
        return False


@admin.register(ConsentRecord)
class ConsentRecordAdmin(RecordAdmin):
    """Who allowed what, and when."""

    list_display = ["said_at", "customer", "visitor", "analytics", "personalisation", "said_by"]
    list_select_related = ["customer", "visitor"]
    list_filter = ["analytics", "personalisation", "said_by", "said_at"]
    search_fields = ["customer__public_id", "visitor__id__exact"]
    ordering = ["-pk"]


@admin.register(CustomerMerge)
class CustomerMergeAdmin(RecordAdmin):
    """Who was merged into whom, and when that was undone."""

    list_display = ["merged", "into", "merged_at", "undone_at"]
    list_select_related = ["merged", "into"]
    search_fields = ["merged__public_id", "into__public_id"]


@admin.register(Erasure)
class ErasureAdmin(RecordAdmin):
    """Receipts of erasures: how much of what, never whose."""

    list_display = ["requested_at", "kind", "state", "finished_at", "removed", "training_runs"]
    list_filter = ["state", "kind", "requested_at"]
    ordering = ["-requested_at"]
    exclude = ["work"]

    @admin.display(description="removed")
    def removed(self, receipt: Erasure) -> str:
        """How much of what, in words, the most first."""
        counts = sorted(receipt.counts.items(), key=lambda one: -one[1])
        return ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts)
