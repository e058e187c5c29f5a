"""Lines of a product import for tests."""

import json
from typing import Any

from catalogue.services import ImportReport, import_products

Line = dict[str, Any]


def variant(
    sku: str = "s", list_price: str = "10.00", currency: str = "USD", **fields: Any
) -> Line:
    """A variant of a line."""
    return {"sku": sku, "list_price": list_price, "currency": currency} | fields


def product(public_id: str = "p", **fields: Any) -> Line:
    """A product with one variant, unless `fields` say otherwise."""
    return {"id": public_id, "title": "Shirt", "variants": [variant()]} | fields


def numbered(*products: Line) -> list[tuple[int, bytes]]:
    """The lines of a file, as `import_products` takes them."""
    return [(number, json.dumps(line).encode()) for number, line in enumerate(products, start=1)]


def store(*products: Line, **options: Any) -> ImportReport:
    """Import `products`."""
    return import_products(numbered(*products), **options)
