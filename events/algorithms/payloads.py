"""Decode what clients send and keep what can't be used: any JSON at all, made storable."""

import json
import re
from hashlib import blake2b
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
    try:
        text = orjson.dumps(raw).decode()
    except TypeError:
        text = ""
    if not text or r"\u0000" in text:
        text = orjson.dumps(_clean(raw, 0)).decode()
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


def _clean(value: Any, depth: int) -> Any:
    match value:
        case dict() | list() if depth >= _DEEPEST:
            return "…"
        case dict():
            return {_storable(str(key)): _clean(inner, depth + 1) for key, inner in value.items()}
        case list():
            return [_clean(inner, depth + 1) for inner in value]
        case str():
            return _storable(value)
        case int() | float() if not -_LARGEST < value < _LARGEST:
            return "a number out of range"
    return value


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
