"""The kill switch, freezes, and what Member States chose about prior prices."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import path, reverse

from catalogue.models import Category
from pricing.admin.base import ReadOnlyAdmin, actor_of, reason_of
from pricing.models import PriceFreeze, PricingSwitch, PriorPricePolicy
from pricing.services.switching import kill_prices, resume_prices


@admin.register(PricingSwitch)
class SwitchAdmin(ReadOnlyAdmin):
    """The kill switches, and a form that flips one."""

    list_display = ["__str__", "is_engaged", "changed_at", "changed_by", "reason"]
    list_select_related = ["category"]
    change_list_template = "admin/pricing/pricingswitch/change_list.html"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list below the form."""
        context = {"categories": Category.objects.order_by("path")} | (extra_context or {})
        return super().changelist_view(request, context)

    def get_urls(self) -> list[Any]:
        """With the form's target."""
        flip = self.admin_site.admin_view(self.flip)
        return [path("flip", flip, name="pricing_flip"), *super().get_urls()]

    def flip(self, request: HttpRequest) -> HttpResponseRedirect:
        """Engage or release a switch, as the form says."""
        if request.method != "POST" or not request.user.has_perm("pricing.change_pricingswitch"):
            raise PermissionDenied
        slug, reason = request.POST.get("category", "").replace("\x00", ""), reason_of(request)
        category = Category.objects.filter(slug=slug).first() if slug else None
        if slug and category is None:
            self.message_user(request, "There is no such category.", messages.ERROR)
        elif request.POST.get("act") == "kill":
            returned = kill_prices(actor_of(request), reason, category)
            self.message_user(request, f"{returned} prices returned to list price or floor.")
        else:
            resume_prices(actor_of(request), reason, category)
            self.message_user(request, "Prices move again with the next round.")
        return HttpResponseRedirect(reverse("admin:pricing_pricingswitch_changelist"))


@admin.register(PriceFreeze)
class FreezeAdmin(ReadOnlyAdmin):
    """Products whose prices are frozen."""

    list_display = ["product", "until", "created_by", "reason", "lifted_at", "lifted_by"]
    list_filter = [("lifted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["product"]


@admin.register(PriorPricePolicy)
class PolicyAdmin(admin.ModelAdmin[PriorPricePolicy]):
    """What counts as prior price, and where; for reductions from now on."""

    list_display = [
        "__str__", "days", "time_zone", "is_progressive", "new_product_days", "is_perishable",
    ]  # fmt: skip
    autocomplete_fields = ["product"]
