"""Endpoints of recommendations."""

from recommendations.views.placements import RecommendationsView, RecommendedPageView
from recommendations.views.runs import RollBackView, TrainingRunActivationView, TrainingRunViewSet
from recommendations.views.specs import PlacementsView, PlacementView

__all__ = [
    "PlacementView",
    "PlacementsView",
    "RecommendationsView",
    "RecommendedPageView",
    "RollBackView",
    "TrainingRunActivationView",
    "TrainingRunViewSet",
]
