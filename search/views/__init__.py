"""Endpoints of search."""

from search.views.answers import SearchView

__all__ = ["SearchView"]
