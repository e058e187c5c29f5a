"""API keys in the admin: created once shown, revoked, never edited."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from partners.models import ApiKey, Scope
from partners.services import create_api_key, revoke_api_key


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """Name, kind and scopes of a new key."""

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ["name", "kind", "scopes"]


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    """Lists keys by their first characters; a new key is shown in a message, once."""

    form = ApiKeyForm
    list_display = ["name", "kind", "prefix", "scopes", "created_at", "revoked_at"]
    list_filter = ["kind", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "prefix"]
    actions = ["revoke"]

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:  # noqa: ARG002
        """Keys are never edited."""
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:  # noqa: ARG002
        """Keys are revoked, not deleted: the record stays."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: Any) -> None:  # noqa: ARG002
        """Create the key through the service and show it once."""
        key = create_api_key(
            obj.name, form.cleaned_data["kind"], form.cleaned_data["scopes"] or None
        )
        created = ApiKey.objects.latest("id")
        obj.pk, obj.prefix = created.pk, created.prefix
        messages.warning(request, f"Copy this key now, it is not shown again: {key}")

    @admin.action(description="Revoke the selected keys")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Revoke each selected key."""
        for api_key in queryset:
            revoke_api_key(api_key)
        messages.success(request, "Revoked.")
