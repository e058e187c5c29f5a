"""Look up API keys."""

import hashlib
from threading import Lock

from cachetools import TTLCache, cached

from api.clock import memory_clock
from api.rest.credentials import Credential
from partners.models import ApiKey

# A revoked key works for at most this long in a process that has just seen it.
REMEMBERED_SECONDS = 5


def hash_key(key: str) -> str:
    """SHA-256 of `key` in hex.

    A key has 256 bits of entropy, so a slow password hash would add cost and no safety.
    """
    return hashlib.sha256(key.encode()).hexdigest()


@cached(TTLCache(4096, REMEMBERED_SECONDS, memory_clock), lock=Lock(), info=False)
def _find_by_digest(digest: str) -> Credential | None:
    row = ApiKey.objects.active().filter(digest=digest).values_list("kind", "prefix", "scopes")
    found = row.first()
    if found is None:
        return None
    kind, prefix, scopes = found
    return Credential("secret" if kind == "secret" else "publishable", prefix, frozenset(scopes))


def find_credential(key: str) -> Credential | None:
    """The credential that `key` proves, or None where it is unknown or revoked."""
    return _find_by_digest(hash_key(key))


def forget_credentials() -> None:
    """Drop what this process remembers, so that a revocation is seen at once."""
    _find_by_digest.cache_clear()
