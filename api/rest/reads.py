"""Hot reads: GETs that take no detour through what only other calls need."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from api.rest.negotiation import QuickNegotiation, takes_json
from api.rest.renderers import render_json

JSON = "application/json"


def json_answer(data: Any, etag: str | None = None) -> HttpResponse:
    """200 with `data` as JSON, rendered at once, and its validator."""
    return HttpResponse(
        render_json(data), content_type=JSON, headers=None if etag is None else {"ETag": etag}
    )


class HotRead(APIView):
    """A view whose `get` returns what `json_answer` makes, and is called without ceremony.

    A GET that takes JSON has no body to parse, nothing to negotiate and no version: it is
    authenticated, allowed, counted and answered, its errors as everywhere. What else is asked of
    the view goes DRF's own way. `api.rest.short_way` brings it here past Django's layers, too.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As APIView does."""
        if request.method != "GET" or not takes_json(request.META):
            return super().dispatch(request, *args, **kwargs)
        return self._answer(self._prepare(request, kwargs))

    def _prepare(self, request: HttpRequest, kwargs: dict[str, Any]) -> Request:
        self.args, self.kwargs = (), kwargs
        usual = _usual_headers.get(type(self))
        if usual is None:
            usual = _usual_headers[type(self)] = self.default_response_headers
        self.headers = dict(usual)
        asked = Request(request, (), self.get_authenticators(), _NEGOTIATOR, {})
        asked.META = request.META  # looked for on the other only where it is missing here
        self.request = asked
        return asked

    def _answer(self, asked: Request) -> HttpResponseBase:
        try:
            self.perform_authentication(asked)
            self.check_permissions(asked)
            self.check_throttles(asked)
            answer = self.get(asked, **self.kwargs)  # type: ignore[attr-defined]  # a subclass's
        except Exception as error:  # noqa: BLE001 - as APIView does
            answer = self.handle_exception(error)
        self.response = self.finalize_response(asked, answer)
        return self.response


_NEGOTIATOR = QuickNegotiation()
# What methods each view allows does not change.
_usual_headers: dict[type[HotRead], Mapping[str, str]] = {}
