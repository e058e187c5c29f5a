"""Recommendations in the admin."""

from recommendations.admin import lists, runs

__all__ = ["lists", "runs"]
