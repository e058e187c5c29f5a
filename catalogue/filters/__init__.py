"""Read filters, ordering and cursor of a list of products from query parameters, strictly."""

from catalogue.filters.paging import NamePagination, ProductPagination
from catalogue.filters.products import (
    ProductFilterSet,
    StrictFilterBackend,
    parse_product_filters,
    reject_unknown_names,
)

__all__ = [
    "NamePagination",
    "ProductFilterSet",
    "ProductPagination",
    "StrictFilterBackend",
    "parse_product_filters",
    "reject_unknown_names",
]
