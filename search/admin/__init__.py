"""Search in the admin."""

from search.admin import index

__all__ = ["index"]
