"""Which products? The filters of every list of products, for django-filter."""

from typing import Any

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.conf import settings
from django.http import QueryDict
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]
from rest_framework.request import Request

from api.rest.parameters import reject_unknown_parameters
from api.rest.problems import InputError, InvalidInput
from catalogue.filters.fields import AmountFilter, BooleanFilter, PairsFilter, TextsFilter
from catalogue.models import Product, ProductQuerySet
from catalogue.selectors import ProductFilters, filter_products, find_unknown_names

PAGE_PARAMETERS = ("ordering", "limit", "cursor")


class ProductFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """Filters by category, brand, price, stock, attributes and title."""

    category = django_filters.CharFilter(
        max_length=2000,
        help_text="The category's id (`phones/cases`), its path (`Phones > Cases`) or its name; "
        "categories below it are included.",
    )
    brand = TextsFilter(help_text="Id or name of a brand; of several, any will do.")
    price_min = AmountFilter(help_text="Least shown price, in the store's currency.")
    price_max = AmountFilter(help_text="Greatest shown price, in the store's currency.")
    currency = django_filters.CharFilter(
        max_length=3, help_text="If given, the store's currency: prices are filtered in no other."
    )
    in_stock = BooleanFilter(help_text="Whether a variant can be bought.")
    attribute = PairsFilter(
        help_text="`name:value` of the product or of a variant, such as `colour:red`; of several "
        "values for one name any will do, and every name must be met."
    )
    title_prefix = django_filters.CharFilter(
        max_length=500, strip=False, help_text="How the title begins; case does not matter."
    )

    class Meta:
        model = Product
        fields: list[str] = []

    @property
    def product_filters(self) -> ProductFilters:
        """What was asked for; InvalidInput names each parameter that is wrong."""
        if not self.is_valid():
            raise InvalidInput(*_input_errors(self.form))
        given = self.form.cleaned_data
        _require_store_currency(given["currency"])
        return ProductFilters(
            category=given["category"] or None,
            brands=tuple(given["brand"]),
            price_min=given["price_min"],
            price_max=given["price_max"],
            in_stock=given["in_stock"],
            attributes=tuple(given["attribute"]),
            title_prefix=given["title_prefix"] or None,
        )

    def filter_queryset(self, queryset: ProductQuerySet) -> ProductQuerySet:
        """Those of `queryset` that were asked for."""
        return filter_products(queryset, self.product_filters)


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """django-filter, with errors that name unknown parameters and wrong values."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """`queryset` filtered by the view's filters."""
        filterset = self.get_filterset(request, queryset, view)
        reject_unknown_parameters(request, [*filterset.filters, *PAGE_PARAMETERS])
        return filterset.filter_queryset(queryset)


def parse_product_filters(parameters: QueryDict) -> ProductFilters:
    """The filters that `parameters` hold, whatever else they hold; InvalidInput where wrong."""
    filters: ProductFilters = ProductFilterSet(parameters, Product.objects.none()).product_filters
    return filters


def reject_unknown_names(filters: ProductFilters) -> None:
    """Raise InvalidInput where a category or brand of `filters` does not exist.

    Meant for an answer that came out empty, so that others pay nothing for it.
    """
    unknown = find_unknown_names(filters)
    if unknown:
        raise InvalidInput(
            *(
                InputError(f"unknown_{kind}", f"There is no {kind} {name[:100]!r}.", None, kind)
                for kind, name in unknown
            )
        )


def _input_errors(form: forms.Form) -> list[InputError]:
    return [
        InputError("invalid", error["message"], None, name)
        for name, errors in form.errors.get_json_data().items()
        for error in errors
    ]


def _require_store_currency(currency: str) -> None:
    if currency and currency != settings.STORE_CURRENCY:
        detail = f"Prices are filtered in the store's currency, {settings.STORE_CURRENCY}."
        raise InvalidInput(InputError("other_currency", detail, None, "currency"))
