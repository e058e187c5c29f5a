"""Read the catalogue: product cards, filters, and the tree with its counts."""

from catalogue.selectors.cards import (
    KEPT_CARDS,
    ProductCard,
    VariantCard,
    load_product_cards,
    resolve_product_ids,
)
from catalogue.selectors.filtering import (
    ProductFilters,
    filter_products,
    find_unknown_names,
    priced_variants,
    shown_price,
)
from catalogue.selectors.names import BrandCard, CategoryCard, load_brand_cards, load_category_cards
from catalogue.selectors.version import CATALOGUE_VERSION, catalogue_version

__all__ = [
    "CATALOGUE_VERSION",
    "KEPT_CARDS",
    "BrandCard",
    "CategoryCard",
    "ProductCard",
    "ProductFilters",
    "VariantCard",
    "catalogue_version",
    "filter_products",
    "find_unknown_names",
    "load_brand_cards",
    "load_category_cards",
    "load_product_cards",
    "priced_variants",
    "resolve_product_ids",
    "shown_price",
]
