"""How views become OpenAPI: tags from the path, names of bodies, the key as security scheme."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

import openapi.security  # noqa: F401 - registers the scheme


class StorefrontSchema(AutoSchema):
    """drf-spectacular's schema, with tags from the first part of the path."""

    def get_tags(self) -> list[str]:
        """The plural noun after /v1."""
        return [self.path.strip("/").split("/")[1]] if self.path.startswith("/v1/") else ["health"]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """A body's name without the word that is added to it anyway: no …RequestRequest."""
        name: str = super().get_serializer_name(serializer, direction).removesuffix("Serializer")
        return name.removesuffix("Request") if direction == "request" else name
