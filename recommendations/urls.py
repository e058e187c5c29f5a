"""URLs of recommendations, below /v1."""

from django.urls import path

from recommendations.views import RecommendationsView

urlpatterns = [
    path("recommendations/<str:placement>", RecommendationsView.as_view(), name="recommendations"),
]
