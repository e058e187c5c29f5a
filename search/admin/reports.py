"""Reports of what shoppers look for, in the admin."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse

from api.rest.problems import InvalidInput
from search.filters.others import read_report_call
from search.selectors.reports import report_queries

TITLES = {
    "popular": "Most searched",
    "no_results": "Without results",
    "no_clicks": "Without clicks",
}


def show_report(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    """A report over a period: of the last 30 days, unless the form says otherwise."""
    if not request.user.has_perm("search.view_searchquery"):
        raise PermissionDenied
    page: dict[str, Any] = {"title": "What shoppers look for", "titles": TITLES}
    try:
        call = read_report_call(request.GET)
    except InvalidInput as error:
        page |= {"error": str(error.detail), "call": read_report_call({})}
    else:
        page["call"] = call
        page["lines"] = report_queries(call.report, call.start, call.end, call.limit)
    return TemplateResponse(request, "admin/search/searchquery/report.html", context | page)
