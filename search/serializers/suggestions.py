"""Suggestions, similar products and reports on the wire."""

from typing import Any

from rest_framework import serializers

from api.rest.money import MoneySerializer, render_money
from catalogue.serializers import ProductSerializer
from search.selectors.reports import QueryLine
from search.selectors.suggestions import (
    SuggestedBrand,
    SuggestedCategory,
    SuggestedProduct,
    Suggestions,
)


class SuggestedCategorySerializer(serializers.Serializer[SuggestedCategory]):
    """A category that is suggested."""

    id = serializers.CharField()
    name = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())


class SuggestedBrandSerializer(serializers.Serializer[SuggestedBrand]):
    """A brand that is suggested."""

    id = serializers.CharField()
    name = serializers.CharField()


class SuggestedProductSerializer(serializers.Serializer[SuggestedProduct]):
    """A product in short; `/v1/products/{id}` has the rest."""

    id = serializers.CharField()
    title = serializers.CharField()
    brand = serializers.CharField(allow_null=True)
    image_url = serializers.CharField(allow_null=True)
    price = MoneySerializer()
    in_stock = serializers.BooleanField()


class SuggestionsSerializer(serializers.Serializer[Suggestions]):
    """What begins with what was typed, the most popular of each kind first."""

    request_id = serializers.UUIDField()
    queries = serializers.ListField(
        child=serializers.CharField(),
        help_text="Several shoppers clicked, carted or bought what these found.",
    )
    categories = SuggestedCategorySerializer(many=True)
    brands = SuggestedBrandSerializer(many=True)
    products = SuggestedProductSerializer(many=True)


class SimilarResultSerializer(serializers.Serializer[Any]):
    """A product near another in meaning."""

    product = ProductSerializer()
    position = serializers.IntegerField(help_text="From 1.")
    score = serializers.FloatField(help_text="Cosine between the two products' vectors.")


class SimilarVersionsSerializer(serializers.Serializer[Any]):
    """What produced the answer."""

    model = serializers.CharField(allow_null=True, help_text="Null where nothing is embedded yet.")


class SimilarAnswerSerializer(serializers.Serializer[Any]):
    """Products near another in meaning, the nearest first."""

    request_id = serializers.UUIDField(help_text="Events may name it: which answer led here.")
    results = SimilarResultSerializer(many=True)
    versions = SimilarVersionsSerializer()


class QueryLineSerializer(serializers.Serializer[QueryLine]):
    """What became of a query over a period."""

    query = serializers.CharField()
    searches = serializers.IntegerField(help_text="First pages only.")
    shoppers = serializers.IntegerField(help_text="Distinct ones, as far as they were known.")
    without_results = serializers.IntegerField()
    with_clicks = serializers.IntegerField(help_text="Led to a click, a cart or a purchase.")
    with_purchases = serializers.IntegerField()
    last_at = serializers.DateTimeField()


class QueryReportSerializer(serializers.Serializer[Any]):
    """Queries over a period."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    results = QueryLineSerializer(many=True)


def render_suggestions(request_id: str, found: Suggestions) -> dict[str, Any]:
    """The wire form, without a pass over each field: this is a hot path."""
    return {
        "request_id": request_id,
        "queries": found.queries,
        "categories": [
            {"id": c.id, "name": c.name, "path": list(c.path)} for c in found.categories
        ],
        "brands": [{"id": brand.id, "name": brand.name} for brand in found.brands],
        "products": [_product(product) for product in found.products],
    }


def _product(product: SuggestedProduct) -> dict[str, Any]:
    return {
        "id": product.id,
        "title": product.title,
        "brand": product.brand,
        "image_url": product.image_url,
        "price": render_money(product.price, product.currency),
        "in_stock": product.in_stock,
    }
