"""Endpoints of recommendations."""

from recommendations.views.placements import RecommendationsView, RecommendedPageView
from recommendations.views.runs import RollBackView, TrainingRunActivationView, TrainingRunViewSet

__all__ = [
    "RecommendationsView",
    "RecommendedPageView",
    "RollBackView",
    "TrainingRunActivationView",
    "TrainingRunViewSet",
]
