"""Content negotiation that takes no time where there is nothing to choose."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

# What clients send that take anything, or JSON.
ANYTHING = frozenset({"*/*", "application/json", "application/json, text/plain, */*"})


def takes_json(meta: Mapping[str, Any]) -> bool:
    """Whether JSON is what a client with these headers gets, without a closer look."""
    return meta.get("HTTP_ACCEPT", "*/*") in ANYTHING and "format" not in meta.get(
        "QUERY_STRING", ""
    )


class QuickNegotiation(DefaultContentNegotiation):
    """As DRF's, but JSON at once where that is all that we have and the client takes it."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        """The renderer and its media type; NotAcceptable where none will do."""
        known = list(renderers)
        only_json = len(known) == 1 and known[0].media_type == "application/json"
        if only_json and takes_json(request.META):
            return known[0], known[0].media_type
        return super().select_renderer(request, known, format_suffix)
