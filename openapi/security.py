"""API keys as an OpenAPI security scheme."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer pk_…|sk_…`."""

    target_class = "partners.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """The scheme object."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A publishable key (pk_…, safe in a browser) or a secret one (sk_…).",
        }
