"""The catalogue in the admin. Prices in force are shown, never typed in."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet, URLField
from django.http import HttpRequest

from catalogue.models import Brand, Category, Offer, Product, Variant
from catalogue.services import set_published


def show_offer(variant: Variant) -> str:
    """The price in force of `variant`, or a dash where it is not sold."""
    try:
        return str(variant.offer)
    except Offer.DoesNotExist:
        return "-"


class CountedAdmin(admin.ModelAdmin[Any]):
    """Lists how many products belong to each row."""

    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows with the count of their products."""
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(products_in=Count("products"))
        return counted

    @admin.display(description="products", ordering="products_in")
    def product_count(self, row: Any) -> int:
        """Products directly in this row, unpublished ones too."""
        return int(row.products_in)


@admin.register(Category)
class CategoryAdmin(CountedAdmin):
    """The tree as a list of paths; a new name or parent carries the whole subtree."""

    list_display = ["__str__", "slug", "product_count"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    readonly_fields = ["slug", "path"]


@admin.register(Brand)
class BrandAdmin(CountedAdmin):
    """Brands; a new name is announced to search."""

    list_display = ["name", "slug", "product_count"]
    search_fields = ["name", "slug"]
    readonly_fields = ["slug"]


class StockFilter(admin.SimpleListFilter):
    """Products that can be bought, are sold out, or have no price at all."""

    title = "stock"
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """The choices."""
        return [("in", "in stock"), ("out", "sold out"), ("none", "without a price")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        """Products of the chosen kind."""
        match self.value():
            case "in":
                return queryset.in_stock()
            case "out":
                return queryset.sold_out().filter(pk__in=_offered_products())
            case "none":
                return queryset.exclude(pk__in=_offered_products())
        return queryset


def _offered_products() -> QuerySet[Any, Any]:
    return Variant.objects.offered().values("product")


class VariantInline(admin.TabularInline[Variant, Product]):
    """A product's variants with their prices in force."""

    model = Variant
    extra = 0
    fields = ["position", "sku", "attributes", "list_price", "cost", "currency", "stock", "offer_"]
    readonly_fields = ["offer_"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        """Variants together with their offers."""
        return super().get_queryset(request).select_related("offer")

    @admin.display(description="price in force", empty_value="-")
    def offer_(self, variant: Variant) -> str:
        """The price in force."""
        return show_offer(variant)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin[Product]):
    """Products with their variants; saving one is announced to search."""

    list_display = ["title", "public_id", "brand", "category", "published", "popularity",
                    "updated_at"]  # fmt: skip
    list_filter = ["published", StockFilter, "created_at"]
    list_select_related = ["brand", "category"]
    search_fields = ["public_id", "title", "variants__sku"]
    autocomplete_fields = ["brand", "category"]
    readonly_fields = ["updated_at"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    show_full_result_count = False
    inlines = [VariantInline]
    actions = ["publish", "unpublish"]

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:  # noqa: ARG002
        """Products are unpublished, not deleted: events, reasons and models name them."""
        return False

    @admin.action(description="Publish the selected products")
    def publish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Publish each selected product."""
        changed = set_published(list(queryset.values_list("pk", flat=True)), published=True)
        messages.success(request, f"{changed} products published.")

    @admin.action(description="Unpublish the selected products")
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Take each selected product off the shelf."""
        changed = set_published(list(queryset.values_list("pk", flat=True)), published=False)
        messages.success(request, f"{changed} products unpublished.")


@admin.register(Variant)
class VariantAdmin(admin.ModelAdmin[Variant]):
    """Variants by sku."""

    list_display = ["sku", "product", "list_price", "cost", "currency", "stock", "price_in_force"]
    list_filter = ["currency", ("stock", admin.EmptyFieldListFilter)]
    list_select_related = ["product", "offer"]
    search_fields = ["sku", "product__public_id", "product__title"]
    autocomplete_fields = ["product"]
    readonly_fields = ["price_in_force"]
    show_full_result_count = False

    @admin.display(description="price in force")
    def price_in_force(self, variant: Variant) -> str:
        """The price in force."""
        return show_offer(variant)


@admin.register(Offer)
class OfferAdmin(admin.ModelAdmin[Offer]):
    """Prices in force, to look at: list prices and pricing move them."""

    list_display = ["variant", "product", "amount", "currency", "price_version", "updated_at"]
    list_filter = ["currency", "updated_at"]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku", "variant__product__public_id"]
    show_full_result_count = False

    @admin.display(ordering="variant__product")
    def product(self, offer: Offer) -> Product:
        """The product that the variant belongs to."""
        return offer.variant.product

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """A variant gets its offer when it is made."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:  # noqa: ARG002
        """Prices are not typed in."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        """An offer goes with its variant or product only, from their pages."""
        page = request.resolver_match
        here = page is None or (page.url_name or "").startswith("catalogue_offer_")
        return not here and super().has_delete_permission(request, obj)
