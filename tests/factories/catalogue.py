"""Categories, brands, products and variants for tests.

A variant saved through the model gets its offer at list price, so a product made here is shown.
"""

from decimal import Decimal
from itertools import count
from typing import Any

from catalogue.models import Brand, Category, Product, Variant
from tests.factories.pricing import set_price

_numbers = count(1)


def make_category(*path: str) -> Category:
    """The category at `path`, such as ("Phones", "Cases"), with what lies above it."""
    category: Category | None = None
    for name in path or ("Phones",):
        category, _ = Category.objects.get_or_create(parent=category, name=name)
    assert category is not None
    return category


def make_brand(name: str = "Acme") -> Brand:
    """The brand called `name`."""
    return Brand.objects.get_or_create(name=name)[0]


def make_variant(product: Product, **fields: Any) -> Variant:
    """A variant of `product`, 10.00 USD and available unless `fields` say otherwise.

    `price` sets the price in force where it differs from `list_price`.
    """
    number = next(_numbers)
    price = fields.pop("price", None)
    defaults = {"sku": f"sku-{number}", "list_price": Decimal("10.00"), "currency": "USD"}
    variant = Variant.objects.create(product=product, **defaults | fields)
    if price is not None:
        set_price(variant, price)
    return variant


def make_product(
    public_id: str | None = None,
    *,
    category: tuple[str, ...] | Category | None = None,
    brand: str | Brand | None = None,
    variants: list[dict[str, Any]] | None = None,
    **fields: Any,
) -> Product:
    """A published product with one variant, or with those in `variants`.

    `price`, `list_price`, `stock`, `cost`, `currency` and `sku` go to that one variant.
    """
    number = next(_numbers)
    own = {
        name: fields.pop(name)
        for name in ("price", "list_price", "stock", "cost", "currency", "sku")
        if name in fields
    }
    product = Product.objects.create(
        public_id=public_id or f"product-{number}",
        category=make_category(*category) if isinstance(category, tuple) else category,
        brand=make_brand(brand) if isinstance(brand, str) else brand,
        **{"title": f"Product {number}"} | fields,
    )
    for position, variant in enumerate([own] if variants is None else variants):
        make_variant(product, **{"position": position} | variant)
    return product
