"""Filter products by category, brand, shown price, stock, attributes and title."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When

from catalogue.models import Brand, Category, Offer, Product, ProductQuerySet, Variant
from catalogue.models.products import VariantQuerySet


@dataclass(frozen=True, slots=True)
class ProductFilters:
    """What products to keep; a field that is None or empty keeps all.

    `category` is a slug, names joined by ` > `, or a bare name, and stands for its whole subtree.
    `brands` are names or slugs, of which any will do. Prices are in the store's currency and
    concern the price that is shown. `attributes` are (name, value) of the product or a variant:
    of several values for one name any will do, and every name must be met. With attributes, one
    and the same variant must meet them, bear a price within the bounds, and be in stock; none
    that meets the others may be where `in_stock` is False.
    """

    category: str | None = None
    brands: Sequence[str] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool | None = None
    attributes: Sequence[tuple[str, str]] = ()
    title_prefix: str | None = None


def filter_products(products: ProductQuerySet, filters: ProductFilters) -> ProductQuerySet:
    """Those of `products` that `filters` keep; still lazy, and without duplicates."""
    if filters.category is not None:
        products = products.in_category(filters.category)
    if filters.brands:
        products = products.of_brands(filters.brands)
    if filters.title_prefix:
        products = products.filter(title__istartswith=filters.title_prefix)
    if filters.attributes:
        return _with_variant(products, filters)
    if filters.in_stock is not None:
        products = products.in_stock() if filters.in_stock else products.sold_out()
    return _within_price(products, filters.price_min, filters.price_max)


def priced_variants(filters: ProductFilters) -> VariantQuerySet:
    """Variants with a price that meet the attributes and the price of `filters` both.

    Without attributes the price is that of the shown variant, as on the product's card.
    """
    bounds = _price_bounds(filters.price_min, filters.price_max)
    variants = Variant.objects.offered()
    if bounds and not filters.attributes:
        return variants.shown_in(settings.STORE_CURRENCY).filter(bounds)
    if bounds:
        variants = variants.filter(bounds, offer__currency=settings.STORE_CURRENCY)
    for _, bears in _by_name(filters.attributes):
        variants = variants.filter(bears("attributes") | bears("product__attributes"))
    return variants


def find_unknown_names(filters: ProductFilters) -> list[tuple[str, str]]:
    """The filters, as ("category" | "brand", value), whose value names nothing that exists.

    Meant for an answer that came out empty: the caller learns of a typo at no cost to the others.
    """
    unknown = []
    if filters.category and not Category.objects.called(filters.category).exists():
        unknown.append(("category", filters.category))
    unknown.extend(
        ("brand", brand) for brand in filters.brands if not Brand.objects.called([brand]).exists()
    )
    return unknown


def shown_price() -> Subquery:
    """The shown price of the outer product in the store's currency; NULL where it is in another.

    The order is that of the cards: what can be bought, then the store's currency, then the least.
    """
    own = Q(currency=settings.STORE_CURRENCY)
    available = Q(variant__stock=None) | Q(variant__stock__gt=0)
    offers = Offer.objects.filter(variant__product=OuterRef("pk")).order_by(
        Case(When(available, then=0), default=1), Case(When(own, then=0), default=1), "amount"
    )
    return Subquery(offers.values(shown=Case(When(own, then=F("amount"))))[:1])


def _with_variant(products: ProductQuerySet, filters: ProductFilters) -> ProductQuerySet:
    """Those of `products` of which one variant meets all that concerns variants."""
    for _, bears in _by_name(filters.attributes):
        # Says nothing that is not said below, but names an index.
        own = Product.objects.filter(bears("attributes")).values("pk")
        offered = Variant.objects.offered().filter(bears("attributes"))
        products = products.filter(pk__in=own.union(offered.values("product_id")))
    fitting = priced_variants(filters).filter(product=OuterRef("pk"))
    products = products.filter(Exists(fitting.available() if filters.in_stock else fitting))
    return (
        products if filters.in_stock is not False else products.exclude(Exists(fitting.available()))
    )


def _within_price(
    products: ProductQuerySet, least: Decimal | None, most: Decimal | None
) -> ProductQuerySet:
    bounds = _price_bounds(least, most)
    if not bounds:
        return products
    shown = Variant.objects.shown_in(settings.STORE_CURRENCY).filter(bounds)
    return products.filter(pk__in=shown.values("product"))


def _price_bounds(least: Decimal | None, most: Decimal | None) -> Q:
    bounds = Q() if least is None else Q(offer__amount__gte=least)
    return bounds & (Q() if most is None else Q(offer__amount__lte=most))


def _by_name(attributes: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Callable[[str], Q]]]:
    """Each name, and the condition that a field holds one of its values."""
    for name, pairs in groupby(sorted(attributes), key=lambda pair: pair[0]):
        values = [value for _, value in pairs]
        yield name, partial(_bears, name, values)


def _bears(name: str, values: Sequence[str], field: str) -> Q:
    """The condition that `field` holds one of `values` under `name`, alone or in a list."""
    bears = Q()
    for value in values:
        for stored in _stored_forms(value):
            bears |= Q(**{f"{field}__contains": {name: stored}})
            bears |= Q(**{f"{field}__contains": {name: [stored]}})
    return bears


def _stored_forms(value: str) -> Iterator[Any]:
    """What JSON may hold for the text `value`: the text, a boolean, a number."""
    yield value
    if value in {"true", "false"}:
        yield value == "true"
    try:
        number = Decimal(value)
    except InvalidOperation:
        return
    if number.is_finite() and abs(number) < Decimal(10) ** 15:
        yield float(number)
