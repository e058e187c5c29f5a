"""Caching headers: anonymous answers must revalidate, personal ones are private."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

SHOPPER_HEADERS = ("X-Visitor-Token", "X-Customer-Token")


def cache_control(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set `Cache-Control` and `Vary` on what the API answers, unless a view has set its own."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/v1/") and "Cache-Control" not in response:
            personal = "customer_id" in request.GET or any(
                name in request.headers for name in SHOPPER_HEADERS
            )
            response["Cache-Control"] = "private, no-cache" if personal else "no-cache"
            patch_vary_headers(response, ["Authorization", *SHOPPER_HEADERS])
        return response

    return answer
