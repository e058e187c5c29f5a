"""JSON out, through orjson: several times the speed of the standard library's."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"{type(value).__name__} can't be rendered as JSON")


def render_json(data: Any) -> bytes:
    """`data` as JSON: decimals as strings, times as RFC 3339 with a `Z`."""
    return orjson.dumps(data, _default, orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class JSONRenderer(BaseRenderer):
    """`application/json`, UTF-8; decimals as strings, times as RFC 3339 with a `Z`."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> bytes:
        """The bytes of `data`; nothing at all for None."""
        return b"" if data is None else render_json(data)
