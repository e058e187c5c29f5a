"""The query parameters of a search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from rest_framework.request import Request

from api.rest.pagination import DEFAULT_LIMIT, MAX_LIMIT
from api.rest.parameters import (
    parse_boolean,
    parse_choice,
    parse_integer,
    reject_unknown_parameters,
)
from api.rest.problems import invalid_parameter
from catalogue.filters import parse_product_filters
from catalogue.selectors import ProductFilters
from search.algorithms.text import normalise_query
from search.exceptions import InvalidCursorError
from search.selectors.cursors import PageStart, decode_cursor
from search.selectors.facets import FACETS
from search.selectors.ranking import RankedList
from search.selectors.terms import ORDERINGS, Ordering, SearchTerms

FILTERS = frozenset(
    {"category", "brand", "price_min", "price_max", "currency", "in_stock", "attribute"}
)
PARAMETERS = (
    "q", "limit", "cursor", *FILTERS, "ordering", "facets", "personalise", "explain", "customer_id",
)  # fmt: skip
ALL_FACETS = "all"


@dataclass(frozen=True, slots=True)
class SearchCall:
    """A search as it was called. `pinned` is what its cursor held; None on a first page."""

    terms: SearchTerms
    limit: int
    personalise: bool
    explain: bool
    facets: tuple[str, ...]
    pinned: tuple[RankedList, PageStart] | None


def parse_search(request: Request) -> SearchCall:
    """The search that `request` asks for; InvalidInput names what is wrong with it."""
    reject_unknown_parameters(request, PARAMETERS)
    parameters = request.query_params
    terms = SearchTerms(
        query=normalise_query(parameters.get("q", "")),
        filters=_parse_filters(parameters),
        ordering=_parse_ordering(parameters),
    )
    limit = parse_integer(parameters, "limit", minimum=1, maximum=MAX_LIMIT)
    return SearchCall(
        terms,
        DEFAULT_LIMIT if limit is None else limit,
        parse_boolean(parameters, "personalise", default=True),
        parse_boolean(parameters, "explain", default=False),
        _parse_facets(parameters),
        _parse_cursor(parameters, terms),
    )


def _parse_filters(parameters: QueryDict) -> ProductFilters:
    if FILTERS.isdisjoint(parameters):
        return ProductFilters()
    return parse_product_filters(parameters)


def _parse_facets(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    given = [name.strip() for name in parameters.get("facets", "").split(",") if name.strip()]
    if ALL_FACETS in given:
        return FACETS
    if not set(given) <= set(FACETS):
        raise invalid_parameter("facets", f"Give all, or of {', '.join(FACETS)}, with commas.")
    return tuple(name for name in FACETS if name in given)


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
