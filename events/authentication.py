"""`?key=pk_…`: the key of a beacon, which can set no header."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from api.rest.credentials import Credential
from partners.authentication import verify_key


class BeaconKeyAuthentication(BaseAuthentication):
    """A publishable key in the query; a secret one there would end up in logs."""

    def authenticate(self, request: Request) -> tuple[None, Credential] | None:
        """The credential of `key`, or None where the request has no such parameter."""
        key = request.query_params.get("key")
        if key is None:
            return None
        credential = verify_key(key)
        if credential.is_secret:
            message = "Only a publishable key may stand in the URL."
            raise AuthenticationFailed(message, "publishable_key_required")
        return None, credential


class BeaconKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same for OpenAPI."""

    target_class = BeaconKeyAuthentication
    name = "beaconKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        """The key stands in the query."""
        description = "A publishable key, for a beacon, which can set no header."
        return {"type": "apiKey", "in": "query", "name": "key", "description": description}
