"""URLs of recommendations, below /v1."""

from django.urls import path

from recommendations.views import (
    PlacementsView,
    PlacementView,
    RecommendationsView,
    RecommendedPageView,
    RollBackView,
    TrainingRunActivationView,
    TrainingRunViewSet,
)

RUNS = "training-runs"

urlpatterns = [
    path(RUNS, TrainingRunViewSet.as_view({"get": "list"}), name="training-runs"),
    path(f"{RUNS}/roll-back", RollBackView.as_view(), name="training-runs-roll-back"),
    path(
        f"{RUNS}/<int:run_id>",
        TrainingRunViewSet.as_view({"get": "retrieve"}),
        name="training-run",
    ),
    path(
        f"{RUNS}/<int:run_id>/activate",
        TrainingRunActivationView.as_view(),
        name="training-run-activate",
    ),
    path("placements", PlacementsView.as_view(), name="placements"),
    path("placements/<str:name>", PlacementView.as_view(), name="placement"),
    path("recommendations", RecommendedPageView.as_view(), name="recommended-page"),
    path("recommendations/<str:placement>", RecommendationsView.as_view(), name="recommendations"),
]
