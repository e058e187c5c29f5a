"""Read one line of a product import: a `ProductLine`, or a `LineError` that says what to do.

The format is described by docs/schemas/product-line.schema.json; a test holds the two equal. This
is written by hand because it also cleans texts, reads amounts exactly, and is 50 times as fast.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from catalogue.algorithms import values
from catalogue.algorithms.values import FieldError, require_object

MAX_VARIANTS = 1000


@dataclass(frozen=True, slots=True)
class VariantLine:
    """A variant as its line gives it; `fields`: `cost`, `stock`, `attributes` where present."""

    sku: str
    list_price: Decimal
    currency: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product as its line gives it.

    `fields` holds what is present, cleaned: a field that was null holds what "cleared" means for
    it. `variants` is None where absent, else the whole list of them.
    """

    number: int
    id: str
    fields: Mapping[str, Any]
    variants: tuple[VariantLine, ...] | None


def parse_line(number: int, raw: bytes) -> ProductLine:
    """The product on line `number`; raises FieldError."""
    line = require_object(_parse_json(raw), PRODUCT_FIELDS)
    if "id" not in line:
        raise FieldError("/id", "is missing; every line names its product.")
    read = {name: _read(PRODUCT_FIELDS, name, value) for name, value in line.items()}
    product_id, variants = read.pop("id"), read.pop("variants", None)
    # When a product was made can't be cleared: null leaves it as it is.
    if read.get("created_at", "") is None:
        del read["created_at"]
    return ProductLine(number, product_id, read, variants)


def is_json(raw: bytes) -> bool:
    """Whether `raw` is JSON at all, right or wrong."""
    try:
        _parse_json(raw)
    except FieldError:
        return False
    return True


def _parse_json(raw: bytes) -> Any:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise FieldError("", f"not UTF-8 text (byte {error.start + 1}).") from None
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except RecursionError:
        raise FieldError("", "nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise FieldError("", f"not JSON: {error.msg} at column {error.colno}.") from None
    except (ValueError, InvalidOperation):  # thousands of digits, an endless exponent, NaN
        raise FieldError("", "holds a number that can't be read.") from None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _read(readers: Mapping[str, Callable[[Any], Any]], name: str, value: Any) -> Any:
    try:
        return readers[name](value)
    except FieldError as error:
        raise FieldError(f"/{name}{error.pointer}", error.reason) from None


def _variants(value: Any) -> tuple[VariantLine, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_VARIANTS:
        raise FieldError("", f"give a list of at most {MAX_VARIANTS} variants.")
    variants: dict[str, VariantLine] = {}
    for index, item in enumerate(value):
        try:
            variant = _variant(item)
        except FieldError as error:
            raise FieldError(f"/{index}{error.pointer}", error.reason) from None
        if variant.sku in variants:
            raise FieldError(f"/{index}/sku", f"{variant.sku!r} occurs twice in this product.")
        variants[variant.sku] = variant
    return tuple(variants.values())


def _variant(value: Any) -> VariantLine:
    line = require_object(value, VARIANT_FIELDS)
    for name in ("sku", "list_price", "currency"):
        if name not in line:
            raise FieldError(f"/{name}", "is missing; every variant needs it.")
    read = {name: _read(VARIANT_FIELDS, name, item) for name, item in line.items()}
    return VariantLine(read.pop("sku"), read.pop("list_price"), read.pop("currency"), read)


PRODUCT_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "id": values.read_product_id,
    "title": values.read_title,
    "description": values.read_description,
    "brand": values.read_brand,
    "category_path": values.read_category_path,
    "image_url": values.read_image_url,
    "popularity": values.read_popularity,
    "published": values.read_published,
    "created_at": values.read_time,
    "attributes": values.read_attributes,
    "variants": _variants,
}
VARIANT_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "sku": values.read_sku,
    "list_price": values.read_amount,
    "currency": values.read_currency,
    "cost": values.read_cost,
    "stock": values.read_stock,
    "attributes": values.read_attributes,
}
