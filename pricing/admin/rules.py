"""Rules: a change makes the next version."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from pricing.admin.base import actor_of
from pricing.models import PricingRule
from pricing.services.ruling import retire_rule, save_rule


class RuleForm(forms.ModelForm[PricingRule]):
    """A rule; its name stays what it is, and constraints are checked against the next version."""

    class Meta:
        model = PricingRule
        fields = "__all__"  # noqa: DJ007 - what may not be typed in is not editable

    def validate_unique(self) -> None:
        """A version that exists is what is changed."""

    def validate_constraints(self) -> None:
        """All but those on names and versions, which saving the next version keeps."""
        try:
            self.instance.validate_constraints(exclude=["name", "version"])
        except forms.ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]


@admin.register(PricingRule)
class RuleAdmin(admin.ModelAdmin[PricingRule]):
    """Current rules and campaigns, and their former versions."""

    form = RuleForm
    list_display = [
        "name", "version", "decider", "scope", "priority", "approval", "active_from",
        "active_until", "retired_at", "created_by",
    ]  # fmt: skip
    list_filter = [("retired_at", admin.EmptyFieldListFilter), "decider", "scope"]
    search_fields = ["name"]
    autocomplete_fields = ["product"]
    actions = ["retire"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        """The name of a rule that exists stays."""
        return ["name"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A retired version is never changed."""
        retired = obj is not None and obj.retired_at is not None
        return not retired and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Rules are retired, not deleted: prices cite them."""
        return False

    def save_model(
        self, request: HttpRequest, obj: PricingRule, form: ModelForm[Any], change: bool  # noqa: ARG002, FBT001
    ) -> None:  # fmt: skip
        """Keep it as the next version."""
        save_rule(obj, actor_of(request), obj.note)

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request: HttpRequest, rules: QuerySet[PricingRule]) -> None:
        """Let those that are chosen govern no more."""
        for rule in rules.filter(retired_at=None):
            retire_rule(rule.name, actor_of(request))
