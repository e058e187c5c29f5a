"""Recommendations in the admin."""

from recommendations.admin import lists, runs, tunings

__all__ = ["lists", "runs", "tunings"]
