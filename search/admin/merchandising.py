"""Synonyms, rules and blocked suggestions in the admin; a dry run of each rule."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from catalogue.selectors import ProductFilters
from search.admin.index import ReadOnlyAdmin
from search.algorithms.folding import fold_text
from search.algorithms.rules import first_of
from search.algorithms.text import normalise_query
from search.models import (
    PHRASE_LENGTH,
    BlockedSuggestion,
    MerchandisingRule,
    QuerySuggestion,
    RuleAction,
    Synonym,
)
from search.selectors.preview import preview_rule
from search.selectors.terms import SearchTerms


class LinesField(SimpleArrayField):
    """Phrases, one a line."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(forms.CharField(max_length=PHRASE_LENGTH), delimiter="\n", **options)
        self.widget.attrs = {"rows": 4, "cols": 60}

    def to_python(self, value: Any) -> Any:
        """The lines that are not empty."""
        if isinstance(value, str):
            value = "\n".join(line for line in value.splitlines() if line.strip())
        return super().to_python(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the lines differ, whatever ends them."""
        return list(initial or []) != list(self.to_python(data) or [])


class SynonymForm(forms.ModelForm[Synonym]):
    """A synonym, its phrases one a line."""

    terms = LinesField(help_text=Synonym._meta.get_field("terms").help_text)  # noqa: SLF001 - Django's own way

    class Meta:
        model = Synonym
        fields = ["direction", "phrase", "terms", "enabled"]


@admin.register(Synonym)
class SynonymAdmin(admin.ModelAdmin[Synonym]):
    """Phrases that mean the same."""

    form = SynonymForm
    list_display = ["__str__", "direction", "enabled", "updated_at"]
    list_filter = ["direction", "enabled"]
    search_fields = ["phrase", "terms"]
    ordering = ["-updated_at"]


class RuleActionInline(admin.StackedInline[RuleAction, MerchandisingRule]):
    """What a rule does."""

    model = RuleAction
    extra = 0
    min_num = 1
    autocomplete_fields = ["product", "category", "brand"]
    fieldsets = [
        (None, {"fields": [("kind", "position", "places")]}),
        ("Which products: one, or all that are", {"fields": [
            "product", ("category", "brand"), ("attribute", "in_stock"), ("price_min", "price_max"),
        ]}),
        ("Banner and redirect", {"fields": ["text", "image_url", "url"], "classes": ["collapse"]}),
    ]  # fmt: skip


class RuleForm(forms.ModelForm[MerchandisingRule]):
    """A rule, its queries one a line."""

    queries = LinesField(
        required=False,
        help_text="One a line, any one of them; case, accents and punctuation do not matter. "
        "None: any query.",
    )

    class Meta:
        model = MerchandisingRule
        fields = [
            "name", "queries", "match", "category", "priority", "enabled", "starts_at", "ends_at",
        ]  # fmt: skip


@admin.register(MerchandisingRule)
class MerchandisingRuleAdmin(admin.ModelAdmin[MerchandisingRule]):
    """Rules in the order in which they have their way, each with a dry run."""

    form = RuleForm
    list_display = [
        "name", "when", "what", "priority", "enabled", "starts_at", "ends_at",
    ]  # fmt: skip
    list_editable = ["priority", "enabled"]
    list_filter = ["enabled", "actions__kind", "starts_at", "ends_at"]
    list_select_related = ["category"]
    search_fields = ["name", "queries"]
    autocomplete_fields = ["category"]
    inlines = [RuleActionInline]
    fieldsets = [
        (None, {"fields": ["name", "enabled", "priority"]}),
        ("When", {"fields": [("queries", "match"), "category", ("starts_at", "ends_at")]}),
    ]
    change_form_template = "admin/search/merchandisingrule/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MerchandisingRule]:
        """Rules with their actions."""
        rules: QuerySet[MerchandisingRule] = super().get_queryset(request)
        return rules.prefetch_related("actions").annotate(Count("actions"))

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and the dry run."""
        view = self.admin_site.admin_view(self.show_preview)
        name = "search_merchandisingrule_preview"
        return [path("<int:pk>/preview/", view, name=name), *super().get_urls()]

    @admin.display(description="when")
    def when(self, rule: MerchandisingRule) -> str:
        """The condition in words."""
        parts = [", ".join(rule.queries[:5])] if rule.queries else []
        parts += [f"in {rule.category}"] if rule.category else []
        return " ".join(parts) or "everywhere"

    @admin.display(description="does")
    def what(self, rule: MerchandisingRule) -> str:
        """The kinds of its actions."""
        return ", ".join(dict.fromkeys(action.kind for action in rule.actions.all()))

    def show_preview(self, request: HttpRequest, pk: int) -> TemplateResponse:
        """What a search shows without the rule and with it, whether or not it is in force."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rule = get_object_or_404(MerchandisingRule.objects.select_related("category"), pk=pk)
        query = normalise_query(request.GET.get("q", rule.queries[0] if rule.queries else ""))
        category = rule.category.slug if rule.category else None
        terms = SearchTerms(query, ProductFilters(category=category), "relevance")
        actions = RuleAction.objects.filter(rule=rule).select_related("category", "brand")
        preview = preview_rule(terms, rule, list(actions), 24)
        page = {
            "title": f"Dry run of {rule.name}", "rule": rule, "query": query, "opts": self.opts,
            "preview": preview, "redirect": first_of(preview.rules, "redirect"),
            "banner": first_of(preview.rules, "banner"),
        }  # fmt: skip
        context = self.admin_site.each_context(request) | page
        return TemplateResponse(request, "admin/search/merchandisingrule/preview.html", context)


@admin.register(BlockedSuggestion)
class BlockedSuggestionAdmin(admin.ModelAdmin[BlockedSuggestion]):
    """Words that are never suggested."""

    list_display = ["text", "note", "created_at"]
    search_fields = ["text", "note"]
    fields = ["text", "note"]


@admin.register(QuerySuggestion)
class QuerySuggestionAdmin(ReadOnlyAdmin):
    """Queries that several shoppers succeeded with; they can be blocked."""

    list_display = ["text", "shoppers", "updated_at"]
    search_fields = ["query", "text"]
    ordering = ["-shoppers", "query"]
    actions = ["block"]

    @admin.action(description="Never suggest the selected queries", permissions=["block"])
    def block(self, request: HttpRequest, queryset: QuerySet[QuerySuggestion]) -> None:
        """Block each selected query."""
        rows = [BlockedSuggestion(text=fold_text(one.query)) for one in queryset]
        BlockedSuggestion.objects.bulk_create(rows, ignore_conflicts=True)
        messages.success(request, f"{len(rows)} blocked.")

    def has_block_permission(self, request: HttpRequest) -> bool:
        """Who may block."""
        return request.user.has_perm("search.add_blockedsuggestion")
