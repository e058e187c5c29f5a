"""Endpoints of recommendations."""

from recommendations.views.placements import RecommendationsView

__all__ = ["RecommendationsView"]
