"""Categories, brands, products, variants, and the price in force of each variant."""

from catalogue.models.names import Brand, BrandQuerySet, Category, CategoryQuerySet, lock_names
from catalogue.models.products import Offer, Product, ProductQuerySet, Variant, VariantQuerySet
from catalogue.models.version import CatalogueVersion

__all__ = [
    "Brand",
    "BrandQuerySet",
    "CatalogueVersion",
    "Category",
    "CategoryQuerySet",
    "Offer",
    "Product",
    "ProductQuerySet",
    "Variant",
    "VariantQuerySet",
    "lock_names",
]
