"""Create and revoke API keys."""

import secrets
from collections.abc import Iterable

from django.utils import timezone

from api.rest.credentials import KeyKind
from partners.models import ApiKey, Scope
from partners.selectors import forget_credentials, hash_key

PREFIXES: dict[KeyKind, str] = {"publishable": "pk_", "secret": "sk_"}
SHOWN_CHARACTERS = 10


def create_api_key(name: str, kind: KeyKind, scopes: Iterable[str] | None = None) -> str:
    """Create a key and return it: this is the only time that it can be read.

    A secret key gets every scope unless `scopes` names some; a publishable one has none.
    """
    key = PREFIXES[kind] + secrets.token_urlsafe(32)
    granted = [] if kind == "publishable" else list(scopes if scopes is not None else Scope.values)
    ApiKey.objects.create(
        name=name, kind=kind, prefix=key[:SHOWN_CHARACTERS], digest=hash_key(key), scopes=granted
    )
    return key


def revoke_api_key(api_key: ApiKey) -> None:
    """Refuse `api_key` from now on; other processes follow within seconds."""
    ApiKey.objects.active().filter(pk=api_key.pk).update(revoked_at=timezone.now())
    forget_credentials()
