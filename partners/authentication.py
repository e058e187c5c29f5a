"""`Authorization: Bearer pk_…|sk_…`."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from api.rest.credentials import Credential
from partners.selectors import find_credential


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.auth` to a Credential; there is no user."""

    def authenticate(self, request: Request) -> tuple[None, Credential] | None:
        """The credential of the bearer key, or None where the request has no such header."""
        # Not `request.headers`, which are made of all headers once one is asked for.
        words = request.META.get("HTTP_AUTHORIZATION", "").encode("latin-1").split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != b"bearer":
            raise AuthenticationFailed("Send Authorization: Bearer <key>.", "invalid_key")
        return None, verify_key(words[1].decode("latin-1"))

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """What a 401 asks for."""
        return "Bearer"


def verify_key(key: str) -> Credential:
    """The credential of `key`; AuthenticationFailed where it is unknown or revoked."""
    credential = find_credential(key)
    if credential is None:
        raise AuthenticationFailed("This API key is unknown or was revoked.", "invalid_key")
    return credential
