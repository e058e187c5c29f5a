"""Form fields and filters that take a parameter strictly, and say what they take in OpenAPI."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field

from api.rest.parameters import BOOLEANS

MAX_VALUES = 50
MAX_TEXT = 2000


class AmountField(forms.Field):
    """A non-negative decimal amount."""

    def to_python(self, value: Any) -> Decimal | None:
        """The amount, or None where the parameter is absent or empty."""
        if not value:
            return None
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not (amount.is_finite() and 0 <= amount < Decimal(10) ** 12):
            raise forms.ValidationError("Give an amount such as 19.99.")
        return amount


class BooleanField(forms.Field):
    """true, false, 1 or 0."""

    def to_python(self, value: Any) -> bool | None:
        """The boolean, or None where the parameter is absent or empty."""
        if not value:
            return None
        if str(value).lower() not in BOOLEANS:
            raise forms.ValidationError("Give true or false.")
        return BOOLEANS[str(value).lower()]


class EveryValue(forms.TextInput):
    """Reads each occurrence of a parameter."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002
        """All values of the parameter, without the empty ones."""
        values = data.getlist(name) if isinstance(data, QueryDict) else data.get(name) or []
        return [value for value in values if value]


class TextsField(forms.Field):
    """A parameter that may be repeated."""

    widget = EveryValue

    def to_python(self, value: Any) -> list[str]:
        """The texts that were given."""
        refuse_null = ProhibitNullCharactersValidator()
        for text in value or []:
            refuse_null(text)
            if len(text) > MAX_TEXT:
                raise forms.ValidationError(f"Give at most {MAX_TEXT} characters.")
        if len(value or []) > MAX_VALUES:
            raise forms.ValidationError(f"Give it at most {MAX_VALUES} times.")
        return value or []


class PairsField(TextsField):
    """A parameter `name:value` that may be repeated."""

    def to_python(self, value: Any) -> Any:
        """Pairs of name and value."""
        pairs = [text.partition(":")[::2] for text in super().to_python(value)]
        if not all(name.strip() and wanted.strip() for name, wanted in pairs):
            raise forms.ValidationError("Give name:value, such as colour:red.")
        return [(name.strip(), wanted.strip()) for name, wanted in pairs]


TEXTS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}


@extend_schema_field({"type": "string", "pattern": r"^\d+(\.\d+)?$"})
class AmountFilter(django_filters.Filter):  # type: ignore[misc]
    """An amount."""

    field_class = AmountField


@extend_schema_field({"type": "boolean"})
class BooleanFilter(django_filters.Filter):  # type: ignore[misc]
    """A boolean."""

    field_class = BooleanField


@extend_schema_field(dict(TEXTS))
class TextsFilter(django_filters.Filter):  # type: ignore[misc]
    """Any number of texts."""

    field_class = TextsField


@extend_schema_field(dict(TEXTS))
class PairsFilter(django_filters.Filter):  # type: ignore[misc]
    """Any number of `name:value`."""

    field_class = PairsField
