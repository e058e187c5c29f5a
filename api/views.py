"""Health, and the API's own description."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection

from api.background.selectors import last_heartbeat
from customers.selectors import lost_secrets
from recommendations.selectors.runs import live_run

# A run older than this has missed two trainings in a row.
STALE_RUN = timedelta(hours=9)
STALE_BEAT = timedelta(minutes=3)

OPENAPI_DOCUMENT = settings.BASE_DIR / "openapi" / "openapi.yaml"

Check = dict[str, Any]


@require_safe
def livez(_request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 while the database answers; what else is down or old makes it `degraded`."""
    checks: dict[str, Check] = {"redis": _check_redis()}
    try:
        checks |= {
            "run": _check_run(), "beat": _check_beat(), "tombstones": _check_tombstones(),
        }  # fmt: skip
    except DatabaseError as error:
        # The message would tell everybody where the database is and who we are there.
        checks["database"] = {"status": "down", "detail": type(error).__name__}
        answer = {"status": "down", "checks": checks}
        return JsonResponse(answer, status=503, headers={"Retry-After": "5"})
    checks["database"] = {"status": "ok"}
    well = all(check["status"] == "ok" for check in checks.values())
    return JsonResponse({"status": "ok" if well else "degraded", "checks": checks})


def _check_redis() -> Check:
    try:
        get_redis_connection("default").ping()
    except Exception as error:  # noqa: BLE001 - whatever the client raises, the cache is down
        return {"status": "down", "detail": type(error).__name__}
    return {"status": "ok"}


def _check_run() -> Check:
    run = live_run()
    if run is None:
        return {"status": "missing", "detail": "No training run is live."}
    return {"run": run.pk} | _age(run.finished_at, STALE_RUN)


def _check_beat() -> Check:
    return _age(last_heartbeat(), STALE_BEAT)


def _check_tombstones() -> Check:
    if lost_secrets():
        return {"status": "lost", "detail": "A former TOMBSTONE_SECRET is not named any more."}
    return {"status": "ok"}


def _age(moment: datetime | None, stale: timedelta) -> Check:
    if moment is None:
        return {"status": "missing"}
    age = timezone.now() - moment
    return {"status": "ok" if age < stale else "stale", "age_seconds": int(age.total_seconds())}


@require_safe
def openapi_document(_request: HttpRequest) -> HttpResponse:
    """The committed OpenAPI document, which `make check` holds equal to the code."""
    return HttpResponse(OPENAPI_DOCUMENT.read_bytes(), content_type="application/yaml")
