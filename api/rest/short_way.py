"""The way of a hot read past Django's layers, most of which are there for the admin.

Every layer would look at the request and the answer, and in the end do what is done here at once.
The tests hold both ways equal, header by header.
"""

from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers

from api.rest.middleware import VARY, set_caching
from api.rest.reads import HotRead

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., Any]
# What a client may make conditions with (RFC 9110, section 13.1).
CONDITIONS = (
    "HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE",
)  # fmt: skip
# Browsers ask across origins with this.
ORIGIN = "HTTP_ORIGIN"
VARY_ACROSS = f"{VARY}, origin"
LONGEST_PATH = 200


class ShortWay:
    """Answers plain GETs of hot reads; passes on all else."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._security = SecurityMiddleware(get_response)
        self._conditional = ConditionalGetMiddleware(get_response)
        self._cors = CorsMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, the same by either way."""
        found = self._find(request)
        if found is None:
            return self._get_response(request)
        view, arguments = found
        response = view(request, **arguments)
        if hasattr(response, "render"):  # of an error
            response = response.render()
        return self._finish(request, response)

    def _find(self, request: HttpRequest) -> tuple[View, MappingProxyType[str, Any]] | None:
        """The view and its arguments; None where the long way has to be gone."""
        path = request.path_info
        if request.method != "GET" or len(path) > LONGEST_PATH:
            return None
        found = _find_hot_read(path)
        if found is None or self._security.process_request(request) is not None:
            return None
        try:
            request.get_host()
        except DisallowedHost:
            return None
        return found

    def _finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
        """What each layer does to an answer, from the innermost."""
        headers = response.headers
        headers["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        headers["Content-Length"] = str(len(response.content))
        set_caching(request, response)
        if "ETag" not in headers or any(name in request.META for name in CONDITIONS):
            response = cast("HttpResponse", self._conditional.process_response(request, response))
        if ORIGIN in request.META:
            self._cors.add_response_headers(request, response)
        elif response.headers.get("Vary") == VARY:
            response.headers["Vary"] = VARY_ACROSS
        else:
            patch_vary_headers(response, ("origin",))
        return self._security.process_response(request, response)


@lru_cache(4096)
def _find_hot_read(path: str) -> tuple[View, MappingProxyType[str, Any]] | None:
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if not issubclass(getattr(match.func, "cls", object), HotRead):
        return None
    return match.func, MappingProxyType(match.kwargs)
