"""Decode what clients send and keep what can't be used: any JSON at all, made storable."""

import json
import re
from hashlib import blake2b
from itertools import takewhile
from typing import Any
from uuid import UUID

import orjson

KEPT_BYTES = 8192
_DEEPEST = 20
_LARGEST = 2**63
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def decode(body: bytes) -> Any:
    """The JSON value of `body`; ValueError where it has none.

    What JSON has no word for but encoders write all the same (NaN, half of a surrogate pair) is
    let through, so that one bad event does not take the whole batch with it.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            return json.loads(body.decode("utf-8"), parse_int=_parse_integer)
        except RecursionError:
            raise ValueError("nested too deep") from None


def _parse_integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 19 else float(digits)


def keep(raw: Any) -> str:
    """JSON text of `raw` that PostgreSQL's jsonb takes, cut to `KEPT_BYTES`."""
    text = orjson.dumps(_Cleaner().clean(raw, 0)).decode()
    if len(text) > KEPT_BYTES:
        return orjson.dumps({"truncated": text[:KEPT_BYTES]}).decode()
    return text


def fingerprint(*parts: object) -> UUID:
    """128 bits that tell these parts from all others."""
    digest = blake2b(digest_size=16)
    for part in parts:
        encoded = str(part).encode()
        digest.update(len(encoded).to_bytes(8))
        digest.update(encoded)
    return UUID(bytes=digest.digest())


class _Cleaner:
    """Copies a JSON value as far as it can be kept: what is written is cut, so why write it all?"""

    def __init__(self) -> None:
        self._left = KEPT_BYTES  # values, of which each takes a byte at least

    def clean(self, value: Any, depth: int) -> Any:
        """`value` without what jsonb does not take, or what lies too deep or too far on."""
        self._left -= 1
        match value:
            case dict() | list() if depth >= _DEEPEST:
                return "…"
            case dict():
                return {
                    _storable(str(key)[:KEPT_BYTES]): self.clean(inner, depth + 1)
                    for key, inner in takewhile(self._has_room, value.items())
                }
            case list():
                return [self.clean(inner, depth + 1) for inner in takewhile(self._has_room, value)]
            case str():
                return _storable(value[:KEPT_BYTES])
            case int() | float() if not -_LARGEST < value < _LARGEST:
                return "a number out of range"
        return value

    def _has_room(self, _: Any) -> bool:
        return self._left > 0


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
