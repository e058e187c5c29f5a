"""The query parameters of suggestions, similar products and reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.request import Request

from api.rest.pagination import MAX_LIMIT
from api.rest.parameters import parse_choice, parse_integer, reject_unknown_parameters
from api.rest.problems import invalid_parameter
from catalogue.filters import parse_product_filters
from catalogue.selectors import ProductFilters
from search.algorithms.text import normalise_query
from search.filters.searches import FILTERS
from search.selectors.reports import REPORTS, Report

DEFAULT_SUGGESTIONS, MAX_SUGGESTIONS = 5, 20
DEFAULT_SIMILAR = 20
DEFAULT_LINES, MAX_LINES = 100, 1_000
FIRST_YEAR, LAST_YEAR = 1970, 2200
DEFAULT_PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ReportCall:
    """Which report, from `start` to before `end`, and how many lines of it."""

    report: Report
    start: datetime
    end: datetime
    limit: int


def parse_suggestions(request: Request) -> tuple[str, int]:
    """What was typed, whose last space tells, and how many of each kind are wanted."""
    reject_unknown_parameters(request, ("q", "limit"))
    typed = request.query_params.get("q", "")
    limit = parse_integer(request.query_params, "limit", minimum=1, maximum=MAX_SUGGESTIONS)
    finished = " " if typed[-1:].isspace() else ""
    return normalise_query(typed) + finished, limit or DEFAULT_SUGGESTIONS


def parse_similar(request: Request) -> tuple[ProductFilters, int]:
    """The filters, and how many neighbours are wanted."""
    reject_unknown_parameters(request, ("limit", *FILTERS))
    limit = parse_integer(request.query_params, "limit", minimum=1, maximum=MAX_LIMIT)
    return parse_product_filters(request.query_params), limit or DEFAULT_SIMILAR


def parse_report(request: Request) -> ReportCall:
    """The report that `request` asks for: of the last 30 days, unless it says otherwise."""
    reject_unknown_parameters(request, ("report", "start", "end", "limit"))
    return read_report_call(request.query_params)


def read_report_call(parameters: Mapping[str, Any]) -> ReportCall:
    """The same from `parameters` that may hold more."""
    end = _parse_time(parameters, "end") or timezone.now()
    start = _parse_time(parameters, "start") or end - DEFAULT_PERIOD
    if start >= end:
        raise invalid_parameter("end", "It must be after start.")
    limit = parse_integer(parameters, "limit", minimum=1, maximum=MAX_LINES)
    given = parse_choice(parameters, "report", REPORTS, "popular")
    report = next(report for report in REPORTS if report == given)
    return ReportCall(report, start, end, limit or DEFAULT_LINES)


def _parse_time(parameters: Mapping[str, Any], name: str) -> datetime | None:
    text = parameters.get(name)
    if not text:
        return None
    time = _read_time(text)
    # PostgreSQL and Python agree on these years, whatever the zone.
    if time is None or not FIRST_YEAR <= time.year <= LAST_YEAR:
        detail = "Give a day (2026-03-01) or a time (2026-03-01T12:00:00Z)."
        raise invalid_parameter(name, detail)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _read_time(text: str) -> datetime | None:
    try:
        day = parse_date(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(text)
    except ValueError:
        return None
