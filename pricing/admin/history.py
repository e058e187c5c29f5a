"""The history of prices, a variant's timeline with its signals, and who did what."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from catalogue.models import Variant
from pricing.admin.base import ReadOnlyAdmin
from pricing.models import PriceHistory, PricingAction
from pricing.selectors.timelines import load_timeline

TEMPLATE = "admin/pricing/pricehistory/timeline.html"
DAYS = (7, 30, 120, 400)


@admin.register(PriceHistory)
class HistoryAdmin(ReadOnlyAdmin):
    """Every price that was in force."""

    list_display = [
        "sku", "amount", "currency", "basis", "cause", "period", "prior_price", "discount",
        "decided_by", "approved_by", "timeline",
    ]  # fmt: skip
    list_filter = ["basis", "cause"]
    search_fields = ["sku"]
    ordering = ["-id"]
    list_select_related = ["rule"]

    @admin.display(description="timeline")
    def timeline(self, row: PriceHistory) -> str:
        """The way to the variant's timeline."""
        url = reverse("admin:pricing_timeline", args=[row.variant_id])
        return format_html('<a href="{}">timeline</a>', url)

    def get_urls(self) -> list[Any]:
        """With the timeline."""
        view = self.admin_site.admin_view(self.show_timeline)
        return [
            path("timeline/<int:variant_id>", view, name="pricing_timeline"),
            *super().get_urls(),
        ]

    def show_timeline(self, request: HttpRequest, variant_id: int) -> TemplateResponse:
        """Prices, list price and signals of the last days, `?days=30`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("days", "")
        days = int(asked) if asked in map(str, DAYS) else 30
        end = timezone.now()
        variant = Variant.objects.select_related("product").filter(pk=variant_id).first()
        product_id = variant.product_id if variant else None
        begin = end - timedelta(days=days)
        timeline, rows = load_timeline(variant_id, product_id, begin, end)
        if variant is None and not rows:
            raise Http404
        page = {
            "title": f"Prices of {variant or rows[0].sku}", "variant": variant, "rows": rows,
            "timeline": timeline, "days": days, "choices": DAYS,
        }  # fmt: skip
        return TemplateResponse(request, TEMPLATE, self.admin_site.each_context(request) | page)


@admin.register(PricingAction)
class ActionAdmin(ReadOnlyAdmin):
    """Who did what to prices."""

    list_display = ["at", "actor", "kind", "target", "reason"]
    list_filter = ["kind"]
    search_fields = ["actor", "target", "reason"]
