"""How views become OpenAPI: operation ids that read well in a generated client."""

from drf_spectacular.openapi import AutoSchema


class StorefrontSchema(AutoSchema):
    """drf-spectacular's schema, with tags from the first part of the path."""

    def get_tags(self) -> list[str]:
        """The plural noun after /v1."""
        return [self.path.strip("/").split("/")[1]] if self.path.startswith("/v1/") else ["health"]
