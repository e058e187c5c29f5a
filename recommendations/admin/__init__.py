"""Recommendations in the admin."""

from recommendations.admin import lists, placements, runs, tunings

__all__ = ["lists", "placements", "runs", "tunings"]
