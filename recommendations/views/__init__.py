"""Endpoints of recommendations."""

from recommendations.views.placements import RecommendationsView
from recommendations.views.runs import RollBackView, TrainingRunActivationView, TrainingRunViewSet

__all__ = [
    "RecommendationsView",
    "RollBackView",
    "TrainingRunActivationView",
    "TrainingRunViewSet",
]
