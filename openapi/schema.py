"""How views become OpenAPI: tags from the path, the key as security scheme."""

from drf_spectacular.openapi import AutoSchema

import openapi.security  # noqa: F401 - registers the scheme


class StorefrontSchema(AutoSchema):
    """drf-spectacular's schema, with tags from the first part of the path."""

    def get_tags(self) -> list[str]:
        """The plural noun after /v1."""
        return [self.path.strip("/").split("/")[1]] if self.path.startswith("/v1/") else ["health"]
