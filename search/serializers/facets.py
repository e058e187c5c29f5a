"""The wire shape of how results divide."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from api.rest.money import MoneySerializer, render_money
from search.algorithms.ranges import PriceRange
from search.selectors.facets import AttributeFacet, CategoryFacet, Facets, ValueFacet


class CategoryFacetSerializer(serializers.Serializer[CategoryFacet]):
    """A category that results lie in or below; the tree is in its order."""

    id = serializers.CharField(help_text="What the filter `category` takes.")
    name = serializers.CharField()
    parent_id = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()


class BrandFacetSerializer(serializers.Serializer[ValueFacet]):
    """A brand of results."""

    id = serializers.CharField(help_text="What the filter `brand` takes.")
    name = serializers.CharField()
    count = serializers.IntegerField()


class PriceFacetSerializer(serializers.Serializer[PriceRange]):
    """Prices from `min` to `max`, as the filters `price_min` and `price_max` take them."""

    min = MoneySerializer()
    max = MoneySerializer(allow_null=True)
    count = serializers.IntegerField()


class StockFacetSerializer(serializers.Serializer[dict[bool, int]]):
    """How many can be bought, and how many can't."""

    true = serializers.IntegerField()
    false = serializers.IntegerField()


class AttributeValueSerializer(serializers.Serializer[ValueFacet]):
    """A value, as the filter `attribute` takes it behind `name:`."""

    value = serializers.CharField()
    count = serializers.IntegerField()


class AttributeFacetSerializer(serializers.Serializer[AttributeFacet]):
    """The values of an attribute, most frequent first."""

    name = serializers.CharField()
    values = AttributeValueSerializer(many=True)


class FacetsSerializer(serializers.Serializer[Facets]):
    """How the query's result set divides; each count is what following it returns.

    A facet's own filter is left out of its counts. Results that only top up a page count nowhere.
    """

    total = serializers.IntegerField(help_text="Products under all filters.")
    category = CategoryFacetSerializer(many=True, required=False)
    brand = BrandFacetSerializer(many=True, required=False)
    price = PriceFacetSerializer(many=True, required=False)
    in_stock = StockFacetSerializer(required=False)
    attribute = AttributeFacetSerializer(many=True, required=False)


def render_facets(facets: Facets) -> dict[str, Any]:
    """The wire form of those facets that were counted."""
    body: dict[str, Any] = {"total": facets.total}
    if facets.categories is not None:
        body["category"] = [
            {"id": c.slug, "name": c.name, "parent_id": c.parent, "count": c.count}
            for c in facets.categories
        ]
    if facets.brands is not None:
        body["brand"] = [{"id": b.value, "name": b.name, "count": b.count} for b in facets.brands]
    if facets.prices is not None:
        body["price"] = list(map(_render_range, facets.prices))
    if facets.in_stock is not None:
        body["in_stock"] = {str(key).lower(): n for key, n in facets.in_stock.items()}
    if facets.attributes is not None:
        body["attribute"] = list(map(_render_attribute, facets.attributes))
    return body


def _render_range(found: PriceRange) -> dict[str, Any]:
    currency = settings.STORE_CURRENCY
    return {
        "min": render_money(found.least, currency),
        "max": None if found.most is None else render_money(found.most, currency),
        "count": found.count,
    }


def _render_attribute(found: AttributeFacet) -> dict[str, Any]:
    values = [{"value": value.value, "count": value.count} for value in found.values]
    return {"name": found.name, "values": values}
