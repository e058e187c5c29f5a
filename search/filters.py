"""The query parameters of a search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from api.rest.pagination import DEFAULT_LIMIT, MAX_LIMIT
from api.rest.parameters import (
    parse_amount,
    parse_boolean,
    parse_choice,
    parse_integer,
    reject_unknown_parameters,
)
from api.rest.problems import invalid_parameter
from catalogue.selectors import ProductFilters
from search.algorithms.text import normalise_query
from search.exceptions import InvalidCursorError
from search.selectors.cursors import PageStart, decode_cursor
from search.selectors.ranking import ORDERINGS, Ordering, RankedList, SearchTerms

PARAMETERS = (
    "q", "limit", "cursor", "category", "brand", "price_min", "price_max", "currency", "in_stock",
    "ordering", "personalise", "explain", "customer_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SearchCall:
    """A search as it was called. `pinned` is what its cursor held; None on a first page."""

    terms: SearchTerms
    limit: int
    personalise: bool
    explain: bool
    pinned: tuple[RankedList, PageStart] | None


def parse_search(request: Request) -> SearchCall:
    """The search that `request` asks for; InvalidInput names what is wrong with it."""
    reject_unknown_parameters(request, PARAMETERS)
    parameters = request.query_params
    terms = SearchTerms(
        query=normalise_query(parameters.get("q", "")),
        filters=_parse_filters(request),
        ordering=_parse_ordering(parameters),
    )
    limit = parse_integer(parameters, "limit", minimum=1, maximum=MAX_LIMIT)
    return SearchCall(
        terms,
        DEFAULT_LIMIT if limit is None else limit,
        parse_boolean(parameters, "personalise", default=True),
        parse_boolean(parameters, "explain", default=False),
        _parse_cursor(parameters, terms),
    )


def _parse_filters(request: Request) -> ProductFilters:
    parameters = request.query_params
    if parameters.get("currency", settings.STORE_CURRENCY) != settings.STORE_CURRENCY:
        message = f"Prices are filtered in the store's currency only: {settings.STORE_CURRENCY}."
        raise invalid_parameter("currency", message)
    return ProductFilters(
        category=_parse_name(parameters, "category"),
        brands=tuple(_clean_name("brand", name) for name in parameters.getlist("brand")),
        price_min=parse_amount(parameters, "price_min"),
        price_max=parse_amount(parameters, "price_max"),
        in_stock=parse_boolean(parameters, "in_stock", default=False)
        if "in_stock" in parameters
        else None,
    )


def _parse_name(parameters: Mapping[str, Any], name: str) -> str | None:
    return _clean_name(name, parameters[name]) if name in parameters else None


def _clean_name(name: str, value: str) -> str:
    if not value.strip() or "\0" in value:
        raise invalid_parameter(name, "Give a name, or leave the parameter out.")
    return value


def _parse_ordering(parameters: Mapping[str, Any]) -> Ordering:
    given = parse_choice(parameters, "ordering", ORDERINGS, "relevance")
    return next(ordering for ordering in ORDERINGS if ordering == given)


def _parse_cursor(
    parameters: Mapping[str, Any], terms: SearchTerms
) -> tuple[RankedList, PageStart] | None:
    cursor = parameters.get("cursor")
    if not cursor:
        return None
    try:
        return decode_cursor(cursor, terms)
    except InvalidCursorError as error:
        raise invalid_parameter("cursor", str(error)) from error
