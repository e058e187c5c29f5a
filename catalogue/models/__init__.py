"""Categories, brands, products, variants, and the price in force of each variant."""

from catalogue.models.names import Brand, BrandQuerySet, Category, CategoryQuerySet, lock_names
from catalogue.models.products import Offer, Product, ProductQuerySet, Variant, VariantQuerySet

__all__ = [
    "Brand",
    "BrandQuerySet",
    "Category",
    "CategoryQuerySet",
    "Offer",
    "Product",
    "ProductQuerySet",
    "Variant",
    "VariantQuerySet",
    "lock_names",
]
