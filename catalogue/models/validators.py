"""What a form may enter: the same as what an import takes."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError

from catalogue.algorithms import values


def validate_product_id(value: Any) -> None:
    """Raise ValidationError where `value` can't be a product's id."""
    _validate(values.read_product_id, value)


def validate_attributes(value: Any) -> None:
    """Raise ValidationError where `value` can't be attributes."""
    _validate(values.read_attributes, value)


def _validate(read: Callable[[Any], Any], value: Any) -> None:
    try:
        read(value)
    except values.FieldError as error:
        where = f"{error.pointer.lstrip('/')}: " if error.pointer else ""
        raise ValidationError(f"{where}{error.reason}") from None
