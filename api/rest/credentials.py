"""Who calls: what `request.auth` is when a request bears a valid API key."""

from dataclasses import dataclass, field
from typing import Literal

KeyKind = Literal["publishable", "secret"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A verified API key: safe in a browser (`publishable`) or a back end's (`secret`)."""

    kind: KeyKind
    prefix: str
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_secret(self) -> bool:
        """Whether this is a back end's key."""
        return self.kind == "secret"

    def may(self, scope: str) -> bool:
        """Whether this key is a secret one that was given `scope`."""
        return self.is_secret and scope in self.scopes
