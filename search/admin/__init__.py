"""Search in the admin."""

from search.admin import index, judgments, merchandising

__all__ = ["index", "judgments", "merchandising"]
