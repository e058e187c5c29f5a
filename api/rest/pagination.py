"""Cursor pagination: `{"results", "next", "previous"}`, stable while rows come and go."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.rest.parameters import parse_integer
from api.rest.problems import InvalidInput, invalid_parameter

DEFAULT_LIMIT = 24
MAX_LIMIT = 100


class CursorPagination(pagination.CursorPagination):
    """Pages of `limit` rows (24 by default, 100 at most) in the order that the view gives."""

    page_size = DEFAULT_LIMIT
    max_page_size = MAX_LIMIT
    page_size_query_param = "limit"
    ordering = "-id"

    def get_page_size(self, request: Request) -> int:
        """The page size asked for, or the default."""
        limit = parse_integer(request.query_params, "limit", minimum=1, maximum=MAX_LIMIT)
        return DEFAULT_LIMIT if limit is None else limit

    def decode_cursor(self, request: Request) -> Any:
        """The position that `cursor` names; a cursor that we did not make is the caller's error."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            cursor = pagination.Cursor(0, False, None)  # noqa: FBT003 - a named tuple
        # The base class reads a text without any position as the first page; we issue none such.
        if cursor is not None and cursor == (0, False, None):
            raise _made_up()
        return cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """A page of `queryset`; a position that is no value of its order is the caller's error."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError):
            if not request.query_params.get(self.cursor_query_param):
                raise
            raise _made_up() from None

    def get_paginated_response(self, data: Any) -> Response:
        """The wire shape of a list."""
        return Response(
            {"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The same for OpenAPI."""
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }


def _made_up() -> InvalidInput:
    return invalid_parameter("cursor", "This cursor was not issued here.")
