"""A variant's timeline with its signals, and what a person may do about its prices there."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from catalogue.models import Variant
from pricing.admin.base import actor_of, reason_of
from pricing.models import PriceFreeze
from pricing.selectors.timelines import load_timeline
from pricing.services.freezing import freeze_product, unfreeze_product
from pricing.services.setting import Asked, set_prices

TEMPLATE = "admin/pricing/pricehistory/timeline.html"
DAYS = (7, 30, 120, 400)
MAY_SET, MAY_FREEZE = "pricing.change_pricehistory", "pricing.change_pricefreeze"


class PriceForm(forms.Form):
    """A price and why."""

    price = forms.DecimalField(max_digits=14, decimal_places=4, min_value=0)
    reason = forms.CharField(max_length=500)


def timeline_urls(site: admin.AdminSite) -> list[URLPattern]:
    """The page, and where its forms go."""
    return [
        path("timeline/<int:variant_id>", site.admin_view(show_timeline), name="pricing_timeline"),
        path("timeline/<int:variant_id>/price", site.admin_view(set_price), name="pricing_set"),
        path("timeline/<int:variant_id>/freeze", site.admin_view(freeze), name="pricing_freeze"),
    ]


def show_timeline(request: HttpRequest, variant_id: int) -> TemplateResponse:
    """Prices, list price and signals of the last days, `?days=30`."""
    if not request.user.has_perms(["pricing.view_pricehistory"]) and not may_set(request):
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
        "timeline": timeline, "days": days, "choices": DAYS, "may_set": may_set(request),
        "may_freeze": request.user.has_perm(MAY_FREEZE), "freeze": _freeze_of(product_id),
    }  # fmt: skip
    return TemplateResponse(request, TEMPLATE, admin.site.each_context(request) | page)


def may_set(request: HttpRequest) -> bool:
    """Whether the user may set prices by hand."""
    return request.user.has_perm(MAY_SET)


def _freeze_of(product_id: int | None) -> PriceFreeze | None:
    freezes = PriceFreeze.objects.in_force(timezone.now())
    return freezes.filter(product=product_id).first()


def set_price(request: HttpRequest, variant_id: int) -> HttpResponseRedirect:
    """Charge what the form says from now on."""
    if request.method != "POST" or not may_set(request):
        raise PermissionDenied
    variant = get_object_or_404(Variant, pk=variant_id)
    form = PriceForm(request.POST)
    if form.is_valid():
        asked = Asked(variant.sku, form.cleaned_data["price"], variant.currency)
        [told] = set_prices([asked], actor_of(request), form.cleaned_data["reason"])
        level = messages.SUCCESS if told.outcome == "applied" else messages.WARNING
        messages.add_message(request, level, f"The price was {told.outcome}. {told.detail}")
    else:
        for field, errors in form.errors.items():
            messages.error(request, f"{field}: {errors[0]}")
    return HttpResponseRedirect(reverse("admin:pricing_timeline", args=[variant_id]))


def freeze(request: HttpRequest, variant_id: int) -> HttpResponseRedirect:
    """Freeze the prices of the variant's product, or let them move again."""
    if request.method != "POST" or not request.user.has_perm(MAY_FREEZE):
        raise PermissionDenied
    variants: Any = Variant.objects.select_related("product")
    product = get_object_or_404(variants, pk=variant_id).product
    if request.POST.get("act") == "freeze":
        freeze_product(product, actor_of(request), reason_of(request))
        messages.success(request, f"The prices of {product.title} are frozen.")
    else:
        unfreeze_product(product, actor_of(request), reason_of(request))
        messages.success(request, f"The prices of {product.title} may move again.")
    return HttpResponseRedirect(reverse("admin:pricing_timeline", args=[variant_id]))
