"""What pricing's admin pages share."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


def actor_of(request: HttpRequest) -> str:
    """Who acts, as it is kept."""
    return f"admin {request.user.get_username()}"[:150]


def reason_of(request: HttpRequest) -> str:
    """The reason in a form, as it can be kept."""
    return request.POST.get("reason", "").replace("\x00", "")[:500]


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows rows that only services write."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False
