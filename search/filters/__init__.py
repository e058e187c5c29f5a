"""The query parameters of search's endpoints."""

from search.filters.searches import FILTERS, PARAMETERS, SearchCall, parse_search

__all__ = ["FILTERS", "PARAMETERS", "SearchCall", "parse_search"]
