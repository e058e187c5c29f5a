"""The history of prices, and who did what."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime

from api.rest.money import render_money
from pricing.admin.base import ReadOnlyAdmin
from pricing.admin.timelines import timeline_urls
from pricing.models import PriceHistory, PricingAction


@admin.register(PriceHistory)
class HistoryAdmin(ReadOnlyAdmin):
    """Every price that was in force."""

    list_display = ["variant_sku", "price", "stands_on", "since", "prior", "by"]
    list_display_links = ["price"]
    list_filter = ["basis", "cause"]
    search_fields = ["sku"]
    ordering = ["-id"]
    list_select_related = ["rule"]

    @admin.display(description="sku", ordering="sku")
    def variant_sku(self, row: PriceHistory) -> str:
        """Of which variant, with the way to its timeline."""
        url = reverse("admin:pricing_timeline", args=[row.variant_id])
        return format_html('<a href="{}">{}</a>', url, row.sku)

    @admin.display(description="price", ordering="amount")
    def price(self, row: PriceHistory) -> str:
        """With its currency."""
        return f"{render_money(row.amount, row.currency)['amount']} {row.currency}"

    @admin.display(description="stands on", ordering="basis")
    def stands_on(self, row: PriceHistory) -> str:
        """Its basis, and what set it off."""
        return f"{row.get_basis_display()} ({row.cause.replace('_', ' ')})"

    @admin.display(description="from", ordering="id")
    def since(self, row: PriceHistory) -> str:
        """When it began and ended; what is in force has no end."""
        begins, ends = row.period.lower, row.period.upper
        shown = f"{localtime(begins):%Y-%m-%d %H:%M}"
        return f"{shown} to {localtime(ends):%Y-%m-%d %H:%M}" if ends else shown

    @admin.display(description="prior price", ordering="prior_price")
    def prior(self, row: PriceHistory) -> str:
        """And the per cent off it that may be claimed."""
        if row.prior_price is None:
            return "-"
        shown = render_money(row.prior_price, row.currency)["amount"]
        return f"{shown} (-{row.discount} %)" if row.discount else shown

    @admin.display(description="by")
    def by(self, row: PriceHistory) -> str:
        """Who agreed, else who decided."""
        return row.approved_by or row.decided_by or "-"

    def get_urls(self) -> list[Any]:
        """With the timeline."""
        return [*timeline_urls(self.admin_site), *super().get_urls()]


@admin.register(PricingAction)
class ActionAdmin(ReadOnlyAdmin):
    """Who did what to prices."""

    list_display = ["at", "actor", "kind", "target", "reason"]
    list_filter = ["kind"]
    search_fields = ["actor", "target", "reason"]
