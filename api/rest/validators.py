"""Conditional requests: what the client has is current, so nothing is sent (RFC 9110, 13.1.2)."""

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request


def is_current(request: Request, etag: str) -> bool:
    """Whether `If-None-Match` names `etag`, a strong validator in quotes; compared weakly."""
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if not header:
        return False
    named = parse_etags(header)
    return "*" in named or any(one.removeprefix("W/") == etag for one in named)


def not_modified(etag: str) -> HttpResponse:
    """304: what the client has is what it would get."""
    return HttpResponseNotModified(headers={"ETag": etag})
