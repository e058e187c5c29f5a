"""Ranked lists, to look at."""

from typing import Any

from django.contrib import admin

from recommendations.admin.base import ReadOnlyAdmin
from recommendations.models import (
    CustomerRecommendations,
    PopularProducts,
    SimilarProducts,
    TextNeighbours,
    VisitorRecommendations,
)


class RankedAdmin(ReadOnlyAdmin):
    """Ranked lists of runs."""

    list_filter = ("run",)
    ordering = ("-pk",)

    @admin.display(description="products")
    def length(self, row: Any) -> int:
        """How many products the list holds."""
        return len(row.product_ids)


@admin.register(CustomerRecommendations)
class CustomerRecommendationsAdmin(RankedAdmin):
    """Customers' lists."""

    list_display = ("customer", "run", "length", "computed_at")
    search_fields = ("customer__public_id",)
    list_select_related = ("customer", "run")


@admin.register(VisitorRecommendations)
class VisitorRecommendationsAdmin(RankedAdmin):
    """Visitors' lists."""

    list_display = ("visitor_id", "run", "length", "computed_at")
    search_fields = ("visitor__id",)
    list_select_related = ("run",)


@admin.register(SimilarProducts)
class SimilarProductsAdmin(RankedAdmin):
    """Products like a product, by behaviour."""

    list_display = ("product", "run", "length")
    search_fields = ("product__public_id", "product__title")
    list_select_related = ("product", "run")


@admin.register(PopularProducts)
class PopularProductsAdmin(RankedAdmin):
    """Popular products by category."""

    list_display = ("category", "run", "length")
    search_fields = ("category__name",)
    list_select_related = ("category", "run")


@admin.register(TextNeighbours)
class TextNeighboursAdmin(ReadOnlyAdmin):
    """Products like a product, by text."""

    list_display = ("product", "model_version", "computed_at")
    list_filter = ("model_version",)
    search_fields = ("product__public_id", "product__title")
    list_select_related = ("product",)
