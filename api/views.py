"""Health: is this process alive, and can it serve?"""

from django.http import HttpRequest, JsonResponse


def livez(_request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """Placeholder until checks land in this commit series."""
    return JsonResponse({"status": "ok", "checks": {}})
