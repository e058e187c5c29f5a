"""The wire shape of products, categories and brands."""

from functools import lru_cache
from typing import Any

import orjson
from rest_framework import serializers

from api.rest.money import MoneySerializer, render_money
from catalogue.selectors import KEPT_CARDS, BrandCard, CategoryCard, ProductCard, VariantCard

PRIOR_PRICE = (
    "The lowest price of the 30 days before the reduction began (Directive 98/6/EC, Article 6a); "
    "null where the price is not reduced."
)
DISCOUNT = "Per cent off the prior price, whole, rounded down; null where none may be claimed."


class VariantSerializer(serializers.Serializer[VariantCard]):
    """A variant and its price in force."""

    sku = serializers.CharField()
    attributes = serializers.DictField()
    price = MoneySerializer()
    list_price = MoneySerializer()
    prior_price = MoneySerializer(allow_null=True, help_text=PRIOR_PRICE)
    discount = serializers.IntegerField(allow_null=True, help_text=DISCOUNT)
    in_stock = serializers.BooleanField()


class ProductSerializer(serializers.Serializer[ProductCard]):
    """A product; its price is that of the cheapest variant that can be bought."""

    id = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    brand = serializers.CharField(allow_null=True)
    category_path = serializers.ListField(child=serializers.CharField())
    image_url = serializers.CharField(allow_null=True)
    price = MoneySerializer()
    list_price = MoneySerializer()
    prior_price = MoneySerializer(allow_null=True, help_text=PRIOR_PRICE)
    discount = serializers.IntegerField(allow_null=True, help_text=DISCOUNT)
    in_stock = serializers.BooleanField()
    variants = VariantSerializer(many=True)

    def to_representation(self, instance: ProductCard) -> dict[str, Any]:
        """The wire form, without a pass over each field: this is a hot path."""
        return describe_product(instance)


def render_variant(card: VariantCard) -> dict[str, Any]:
    """The wire form of a variant."""
    prior = card.prior_price
    return {
        "sku": card.sku,
        "attributes": card.attributes,
        "price": render_money(card.price, card.currency),
        "list_price": render_money(card.list_price, card.currency),
        "prior_price": None if prior is None else render_money(prior, card.currency),
        "discount": card.discount,
        "in_stock": card.in_stock,
    }


@lru_cache(KEPT_CARDS)
def render_product(card: ProductCard) -> orjson.Fragment:
    """The wire form of a product as JSON, which is made once for each card."""
    return orjson.Fragment(orjson.dumps(describe_product(card)))


def describe_product(card: ProductCard) -> dict[str, Any]:
    """The wire form of a product."""
    variants = [render_variant(variant) for variant in card.variants]
    shown = variants[0]
    return {
        "id": card.public_id,
        "title": card.title,
        "description": card.description,
        "brand": card.brand,
        "category_path": list(card.category_path),
        "image_url": card.image_url,
        "price": shown["price"],
        "list_price": shown["list_price"],
        "prior_price": shown["prior_price"],
        "discount": shown["discount"],
        "in_stock": shown["in_stock"],
        "variants": variants,
    }


class CategorySerializer(serializers.Serializer[CategoryCard]):
    """A category and the number of published products in its subtree."""

    id = serializers.CharField(help_text="Full path, such as phones/cases.")
    name = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField(), help_text="Names from the root.")
    parent_id = serializers.CharField(allow_null=True, help_text="Id of the category above.")
    product_count = serializers.IntegerField()


class BrandSerializer(serializers.Serializer[BrandCard]):
    """A brand and the number of its published products."""

    id = serializers.CharField()
    name = serializers.CharField()
    product_count = serializers.IntegerField()


def render_category(card: CategoryCard) -> dict[str, Any]:
    """The wire form of a category."""
    return {
        "id": card.slug,
        "name": card.name,
        "path": list(card.path),
        "parent_id": card.parent_id,
        "product_count": card.product_count,
    }


def render_brand(card: BrandCard) -> dict[str, Any]:
    """The wire form of a brand."""
    return {"id": card.slug, "name": card.name, "product_count": card.product_count}
