"""Every error becomes an RFC 9457 problem document with a stable code."""

import psycopg
import pytest
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import DataError, InternalError, OperationalError
from django.http import Http404
from rest_framework import exceptions, serializers

from api.rest.problems import problem_body, to_problem
from api.rest.serializers import StrictSerializer


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.AuthenticationFailed("no", "invalid_key"), 401, "invalid_key"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (DisallowedHost(), 400, "unknown_host"),
        (RequestDataTooBig(), 413, "too_large"),
        (OperationalError(), 503, "database_unavailable"),
        (DataError(), 400, "invalid_input"),
        (ZeroDivisionError(), 500, "internal_error"),
    ],
)
def test_status_and_code(error, status, code):
    body = problem_body(to_problem(error))
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"]


def test_a_standby_that_takes_no_writes_is_a_database_that_is_down():
    error = InternalError("cannot execute INSERT in a read-only transaction")
    error.__cause__ = psycopg.errors.ReadOnlySqlTransaction()
    assert to_problem(error).status_code == 503
    assert to_problem(InternalError()).status_code == 500


def test_retryable_errors_say_when():
    assert to_problem(OperationalError()).headers["Retry-After"]
    assert to_problem(exceptions.Throttled(wait=3)).headers["Retry-After"] == "4"


class Line(StrictSerializer):
    sku = serializers.CharField()


class Order(StrictSerializer):
    lines = Line(many=True)
    note = serializers.CharField(required=False)


def test_input_errors_point_at_each_value():
    order = Order(data={"lines": [{"sku": "a"}, {"sku": "", "a/b": 1}], "extra": True})
    with pytest.raises(serializers.ValidationError) as refused:
        order.is_valid(raise_exception=True)
    errors = problem_body(to_problem(refused.value))["errors"]
    assert {error["pointer"] for error in errors} == {"/extra"}

    order = Order(data={"lines": [{"sku": "a"}, {"sku": ""}, {"sku": "b", "a/b": 1}]})
    with pytest.raises(serializers.ValidationError) as refused:
        order.is_valid(raise_exception=True)
    errors = problem_body(to_problem(refused.value))["errors"]
    assert {(error["pointer"], error["code"]) for error in errors} == {
        ("/lines/1/sku", "blank"),
        ("/lines/2/a~1b", "unknown_field"),
    }
