"""Errors as RFC 9457 `application/problem+json`, each with a stable `code`."""

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = 5
READ_ONLY_STATE = "25006"  # what a standby says to a write, while a failover is under way


@dataclass(frozen=True, slots=True)
class InputError:
    """One thing wrong with the input: where, a stable code, and what to do.

    `pointer` is a JSON pointer (RFC 6901) into the body; `parameter` names a query parameter,
    path part or header. One of the two is set.
    """

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(exceptions.APIException):
    """An error with a stable code; subclasses or callers give status, code and detail.

    `members` are further members of the document (RFC 9457, section 3.2).
    """

    def __init__(
        self,
        status_code: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[InputError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.members: Mapping[str, Any] = {}
        self.status_code = status_code
        self.code = code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


class InvalidInput(Problem):
    """400: the input is wrong; `errors` say where and what to do."""

    def __init__(self, *errors: InputError) -> None:
        detail = errors[0].detail if len(errors) == 1 else f"{len(errors)} values are not valid."
        super().__init__(status.HTTP_400_BAD_REQUEST, "invalid_input", detail, errors=errors)


class Unavailable(Problem):
    """503: a service behind the API is down; nothing was changed, and the same call may follow."""

    def __init__(self, code: str, detail: str) -> None:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        super().__init__(status.HTTP_503_SERVICE_UNAVAILABLE, code, detail, headers=headers)


def invalid_parameter(parameter: str, detail: str, code: str = "invalid") -> InvalidInput:
    """The error for one query parameter, path part or header."""
    return InvalidInput(InputError(code=code, detail=detail, parameter=parameter))


def to_problem(error: Exception) -> Problem:  # noqa: C901, PLR0911 - one line for each kind
    """The problem that `error` is to a client; 500 for whatever is not foreseen."""
    match error:
        case Problem():
            return error
        case exceptions.ValidationError():
            return InvalidInput(*_input_errors(error.get_full_details(), ""))
        case exceptions.APIException():
            return _from_api_exception(error)
        case Http404():
            return Problem(404, "not_found", "There is nothing here.")
        case PermissionDenied():
            return Problem(403, "permission_denied", "This is not allowed.")
        case RequestDataTooBig():
            return Problem(413, "too_large", "The request body is too large.")
        case DisallowedHost():
            return Problem(400, "unknown_host", "This host is not served here.")
        case SuspiciousOperation():
            return Problem(400, "bad_request", "The request can't be read.")
        case OperationalError() | InterfaceError():
            return Unavailable("database_unavailable", "The database is down. Try again.")
        case InternalError() if getattr(error.__cause__, "sqlstate", None) == READ_ONLY_STATE:
            return Unavailable("database_unavailable", "The database takes no writes. Try again.")
        case DataError():
            return Problem(400, "invalid_input", "A value can't be stored: out of range or NUL.")
    return Problem(500, "internal_error", "Something failed on our side. It has been logged.")


def _from_api_exception(error: exceptions.APIException) -> Problem:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def _input_errors(details: Any, pointer: str) -> Iterator[InputError]:
    """Flatten DRF's nested error details into one entry per message, with its JSON pointer."""
    if isinstance(details, Mapping) and {"message", "code"} == set(details):
        yield InputError(
            code=str(details["code"]), detail=str(details["message"]), pointer=pointer or "/"
        )
    elif isinstance(details, Mapping):
        for key, value in details.items():
            part = "" if key == "non_field_errors" else f"/{escape_pointer(str(key))}"
            yield from _input_errors(value, pointer + part)
    elif isinstance(details, Sequence):
        messages = all(isinstance(d, Mapping) and {"message", "code"} == set(d) for d in details)
        for index, value in enumerate(details):
            yield from _input_errors(value, pointer if messages else f"{pointer}/{index}")


def escape_pointer(part: str) -> str:
    """One reference token of a JSON pointer (RFC 6901, section 3)."""
    return part.replace("~", "~0").replace("/", "~1")


def problem_body(problem: Problem) -> dict[str, Any]:
    """The members of the problem document (RFC 9457, section 3)."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "code": problem.code,
        "detail": str(problem.detail),
    }
    if problem.errors:
        body["errors"] = [
            {key: value for key, value in asdict(error).items() if value is not None}
            for error in problem.errors
        ]
    return body | dict(problem.members)


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: every error of a view becomes a problem document."""
    problem = to_problem(error)
    if isinstance(problem, Unavailable):
        # Every request says so while it lasts: one line each, and no page of trace.
        logger.error("request failed: %s: %s", problem.code, str(error).partition("\n")[0])
    elif problem.status_code >= 500:
        logger.error("request failed: %s", problem.code, exc_info=error)
        got_request_exception.send(sender=None, request=context.get("request"))
    set_rollback()
    return Response(
        problem_body(problem), problem.status_code, headers=problem.headers,
        content_type=PROBLEM_JSON,
    )  # fmt: skip


def problem_response(problem: Problem) -> HttpResponse:
    """The same document outside DRF, for Django's own error handlers."""
    return HttpResponse(
        orjson.dumps(problem_body(problem)), PROBLEM_JSON, problem.status_code,
        headers=problem.headers,
    )  # fmt: skip


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`."""
    return problem_response(to_problem(exception))


def forbidden(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler403`."""
    return problem_response(to_problem(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's `handler404`; an unknown path is named."""
    detail = f"There is nothing at {request.path[:200]}. See /v1/docs."
    return problem_response(Problem(404, "not_found", detail))


def server_error(_request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: whatever no view caught; the database being down is a 503."""
    error = sys.exc_info()[1]
    return problem_response(to_problem(error if isinstance(error, Exception) else RuntimeError()))
