"""What every answer gets (caching headers), and what only the admin needs (sessions and users)."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

SHOPPER_HEADERS = ("X-Visitor-Token", "X-Customer-Token")
VARY = ", ".join(["Authorization", *SHOPPER_HEADERS])
_SHOPPER_META = tuple("HTTP_" + name.upper().replace("-", "_") for name in SHOPPER_HEADERS)
ADMIN = "/admin/"


def cache_control(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set `Cache-Control` and `Vary` on what the API answers, unless a view has set its own."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/v1/"):
            set_caching(request, response)
        return response

    return answer


def set_caching(request: HttpRequest, response: HttpResponse) -> None:
    """Set `Cache-Control` and `Vary`, unless the view has set the first itself."""
    headers = response.headers
    if "Cache-Control" in headers:
        return
    headers["Cache-Control"] = "private, no-cache" if _is_personal(request) else "no-cache"
    if "Vary" in headers:
        patch_vary_headers(response, ["Authorization", *SHOPPER_HEADERS])
    else:
        headers["Vary"] = VARY


def _is_personal(request: HttpRequest) -> bool:
    return "customer_id" in request.GET or any(name in request.META for name in _SHOPPER_META)


class _ForAdmin:
    """A middleware that requests outside the admin pass by: the API knows keys, not sessions."""

    get_response: Callable[[HttpRequest], Any]

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(ADMIN):
            return super().__call__(request)  # type: ignore[misc]  # of the middleware beside it
        return self.get_response(request)


class AdminSessions(_ForAdmin, SessionMiddleware):
    """Sessions, for the admin."""


class AdminUsers(_ForAdmin, AuthenticationMiddleware):
    """Who is logged in, for the admin."""


class AdminMessages(_ForAdmin, MessageMiddleware):
    """Messages, for the admin."""
