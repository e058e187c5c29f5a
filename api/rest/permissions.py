"""Who may call an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from api.rest.credentials import Credential

if TYPE_CHECKING:  # importing it here would be circular: DRF reads these classes while it loads
    from rest_framework.views import APIView


def credential_of(request: Request) -> Credential | None:
    """The verified key of `request`, or None when it came without one."""
    return request.auth if isinstance(request.auth, Credential) else None


class CanRead(BasePermission):
    """Any key reads; without a key only where `ANONYMOUS_READS` is on."""

    message = "This endpoint needs an API key: Authorization: Bearer pk_…"

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Whether `request` may read."""
        return settings.ANONYMOUS_READS or credential_of(request) is not None


class HasKey(BasePermission):
    """Any key, publishable or secret."""

    message = "This endpoint needs an API key: Authorization: Bearer pk_… or sk_…"

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Whether `request` bears a valid key."""
        return credential_of(request) is not None


class HasSecretKey(BasePermission):
    """A secret key, of whatever scopes."""

    message = "This endpoint needs a secret key: Authorization: Bearer sk_…"
    code = "secret_key_required"

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Whether `request` bears a back end's key."""
        credential = credential_of(request)
        return credential is not None and credential.is_secret


class HasScope(BasePermission):
    """A secret key with the view's `read_scope`, or its `write_scope`, which reads too."""

    code = "secret_key_required"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether `request` may do what it asks for."""
        read, write = getattr(view, "read_scope", ""), getattr(view, "write_scope", "")
        wanted = [scope for scope in (read, write) if scope]
        if request.method not in SAFE_METHODS:
            wanted = [write]
        self.message = f"This endpoint needs a secret key with the scope {' or '.join(wanted)}."
        credential = credential_of(request)
        return credential is not None and any(credential.may(scope) for scope in wanted)
