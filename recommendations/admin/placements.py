"""Placements, to be changed; what trends and how often products are bought again, to be read."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from recommendations.admin.base import ReadOnlyAdmin
from recommendations.algorithms.placements import Source
from recommendations.models import Placement, PurchaseCycle, TrendingProducts
from recommendations.selectors.specs import forget_placements

SOURCES_HELP = (
    f"Asked in turn until the page is full, comma-separated. Any of: {', '.join(Source)}."
)


class PlacementForm(forms.ModelForm[Placement]):
    """A placement; its sources are a list in which the order counts."""

    class Meta:
        model = Placement
        fields = (
            "name", "description", "enabled", "anchor", "sources", "limit", "categories",
            "hidden_categories", "brands", "price_min", "price_max", "excludes_bought",
            "excludes_in_cart", "max_per_category", "max_per_brand",
        )  # fmt: skip
        help_texts = {"sources": SOURCES_HELP}


@admin.register(Placement)
class PlacementAdmin(admin.ModelAdmin[Placement]):
    """The places of the shop's pages that show products."""

    form = PlacementForm
    list_display = ("name", "enabled", "anchor", "chain", "limit", "updated_at")
    list_filter = ("enabled", "anchor")
    search_fields = ("name", "description")
    filter_horizontal = ("categories", "hidden_categories", "brands")

    @admin.display(description="sources")
    def chain(self, placement: Placement) -> str:
        """The sources in their order."""
        return ", then ".join(placement.sources)

    def get_readonly_fields(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Placement | None = None,
    ) -> tuple[str, ...]:
        """Front ends know a standard placement by its name."""
        return ("name",) if obj is not None and obj.is_standard else ()

    def has_delete_permission(self, request: HttpRequest, obj: Placement | None = None) -> bool:
        """A standard placement is switched off, not deleted."""
        if obj is not None and obj.is_standard:
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None that deletes many at once, standard ones among them."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_related(self, *args: Any, **kwargs: Any) -> None:
        """Save what it names, too, and show it at once in this process."""
        super().save_related(*args, **kwargs)
        forget_placements()


@admin.register(TrendingProducts)
class TrendingProductsAdmin(ReadOnlyAdmin):
    """What rises, by category."""

    list_display = ("category", "computed_at")
    search_fields = ("category__name",)
    list_select_related = ("category",)


@admin.register(PurchaseCycle)
class PurchaseCycleAdmin(ReadOnlyAdmin):
    """How often products are bought again."""

    list_display = ("product", "days", "intervals", "computed_at")
    search_fields = ("product__public_id", "product__title")
    list_select_related = ("product",)
