"""Base serializers: unknown fields are errors that name them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from rest_framework import serializers

T = TypeVar("T")


class StrictSerializer(serializers.Serializer[T]):
    """A serializer that refuses fields it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        """Validated data; a ValidationError names each unknown field."""
        if isinstance(data, Mapping):
            unknown = set(data) - set(self.fields)
            if unknown:
                known = ", ".join(self.fields)
                message = serializers.ErrorDetail(
                    f"Unknown field. Known: {known}.", "unknown_field"
                )
                raise serializers.ValidationError({str(name): [message] for name in unknown})
        return super().to_internal_value(data)
