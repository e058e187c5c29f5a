"""Look at the index and the log of queries; nothing here is changed by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from search.admin.reports import show_report
from search.models import (
    Corpus,
    IndexState,
    Lexeme,
    ProductDocument,
    ProductEmbedding,
    SearchQuery,
)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows that only the program writes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never by hand."""
        return False


@admin.register(SearchQuery)
class SearchQueryAdmin(ReadOnlyAdmin):
    """What shoppers searched for."""

    list_display = (
        "created_at", "query", "results", "source", "ordering", "cached", "duration_ms", "customer",
    )  # fmt: skip
    list_filter = ("source", "cached", "ordering", "created_at")
    list_select_related = ("customer",)
    search_fields = ("query", "=request_id", "=customer__public_id")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    change_list_template = "admin/search/searchquery/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The log, and before it the reports on it."""
        view = self.admin_site.admin_view(self.show_report)
        return [path("report/", view, name="search_searchquery_report"), *super().get_urls()]

    def show_report(self, request: HttpRequest) -> TemplateResponse:
        """What shoppers look for, by volume, in vain and without a click."""
        context = self.admin_site.each_context(request) | {"opts": self.opts}
        return show_report(request, context)

    @admin.display(description="shown")
    def results(self, search: SearchQuery) -> int:
        """How many products the page showed."""
        return len(search.product_ids)


@admin.register(ProductDocument)
class ProductDocumentAdmin(ReadOnlyAdmin):
    """What of each product is found by words."""

    list_display = ("product", "shown", "length", "weighed", "updated_at")
    list_filter = ("shown",)
    list_select_related = ("product",)
    search_fields = ("product__title", "=product__public_id")
    exclude = ("weights",)
    ordering = ("-updated_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the weights, which say nothing to a reader."""
        return super().get_queryset(request).defer("weights")


@admin.register(Lexeme)
class LexemeAdmin(ReadOnlyAdmin):
    """In how many products each word occurs."""

    list_display = ("text", "products")
    search_fields = ("text",)
    exclude = ("champions",)
    ordering = ("-products",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without a thousand product keys a row."""
        return super().get_queryset(request).defer("champions")


@admin.register(Corpus)
class CorpusAdmin(ReadOnlyAdmin):
    """What the weights of words rest on."""

    list_display = ("version", "products", "average_length", "changes", "counted_at")


@admin.register(ProductEmbedding)
class ProductEmbeddingAdmin(ReadOnlyAdmin):
    """Which model each product is embedded under."""

    list_display = ("product", "model_version", "text_hash", "updated_at")
    list_filter = ("model_version",)
    list_select_related = ("product",)
    search_fields = ("product__title", "=product__public_id")
    exclude = ("vector",)
    ordering = ("-updated_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the vectors: a page of them is megabytes that nobody reads."""
        return super().get_queryset(request).defer("vector")


@admin.register(IndexState)
class IndexStateAdmin(ReadOnlyAdmin):
    """The live generation and model."""

    list_display = ("generation", "model_version")
