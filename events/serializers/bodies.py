"""Read the bytes of a batch: so many and no more, in whichever encoding they come."""

import zlib
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import status
from rest_framework.parsers import BaseParser

from api.rest.problems import Problem
from events.algorithms.payloads import decode

MAX_BYTES = 2 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way of asking for a gzip header and its checksum


class JSONBatchParser(BaseParser):
    """JSON, plain or gzip, that forgives one event what would make the whole batch unreadable."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The decoded body; a Problem where it is too big, in an unknown encoding or no JSON."""
        request = (parser_context or {}).get("request")
        encoding = request.headers.get("Content-Encoding", "") if request is not None else ""
        try:
            return decode(_read(stream, encoding.strip().lower()))
        except ValueError:
            raise _unreadable("The body is not JSON in UTF-8.") from None


class PlainTextBatchParser(JSONBatchParser):
    """The same as text/plain, which is what `navigator.sendBeacon` sends for a string."""

    media_type = "text/plain"


def _read(stream: IO[Any], encoding: str) -> bytes:
    if encoding in {"", "identity"}:
        return _within_limit(stream.read(MAX_BYTES + 1))
    if encoding in {"gzip", "x-gzip"}:
        return _unpack(_within_limit(stream.read(MAX_BYTES + 1)))
    detail = "Send the body as it is, or with Content-Encoding: gzip."
    raise Problem(
        status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", detail,
        headers={"Accept-Encoding": "gzip"},
    )  # fmt: skip


def _unpack(packed: bytes) -> bytes:
    """What `packed` holds; no more of it is unpacked than may be sent.

    One gzip member and nothing after it: a body of many small ones would cost far more than it is
    long.
    """
    unpacker = zlib.decompressobj(_GZIP)
    try:
        body = _within_limit(unpacker.decompress(packed, MAX_BYTES + 1))
    except zlib.error:
        raise _unreadable("The body is not gzip, as Content-Encoding says.") from None
    if not unpacker.eof or unpacker.unused_data:
        raise _unreadable("The gzip body breaks off, or goes on after its end.")
    return body


def _within_limit(body: bytes) -> bytes:
    if len(body) > MAX_BYTES:
        detail = f"Send at most {MAX_BYTES} bytes at once, unpacked; split the batch."
        raise Problem(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
    return body


def _unreadable(detail: str) -> Problem:
    return Problem(status.HTTP_400_BAD_REQUEST, "parse_error", detail)
