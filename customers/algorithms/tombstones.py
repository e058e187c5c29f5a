"""Keyed hashes of shoppers' ids: HMAC-SHA-256 (RFC 2104), which tells nothing without the key."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID


class Subject(NamedTuple):
    """Somebody whom events may name: a customer by the merchant's id, or a visitor."""

    kind: str  # "customer" or "visitor"
    id: str

    @classmethod
    def of(cls, *, customer_id: str | None = None, visitor_id: UUID | None = None) -> "Subject":
        """The subject of one id or the other."""
        if customer_id is not None:
            return cls("customer", customer_id)
        return cls("visitor", str(visitor_id))


def digest(subject: Subject, secret: str) -> bytes:
    """32 bytes that stand for `subject`, and can't be told from noise without `secret`."""
    message = f"{subject.kind}:{subject.id}".encode()
    return hmac.digest(secret.encode(), message, "sha256")


def key_id(secret: str) -> str:
    """Eight characters that name `secret` without telling it."""
    return hashlib.sha256(b"tombstone key:" + secret.encode()).hexdigest()[:8]


def digests(subjects: Sequence[Subject], secrets: Sequence[str]) -> tuple[list[str], list[bytes]]:
    """Parallel lists: subjects as `kind:id`, once for each secret, and their digests."""
    pairs = [(f"{s.kind}:{s.id}", digest(s, secret)) for secret in secrets for s in subjects]
    return [name for name, _ in pairs], [value for _, value in pairs]
