"""Training runs and what they produced; the pointer to the run that is live."""

from recommendations.models.placements import Placement
from recommendations.models.rows import (
    CustomerFactors,
    CustomerRecommendations,
    EngineTuning,
    MeasuredModel,
    PopularProducts,
    ProductFactors,
    SimilarProducts,
    TextNeighbours,
    VisitorRecommendations,
)
from recommendations.models.runs import ActiveRun, RunActivation, TrainingRun
from recommendations.models.trends import PurchaseCycle, TrendingProducts

__all__ = [
    "ActiveRun",
    "CustomerFactors",
    "CustomerRecommendations",
    "EngineTuning",
    "MeasuredModel",
    "Placement",
    "PopularProducts",
    "ProductFactors",
    "PurchaseCycle",
    "RunActivation",
    "SimilarProducts",
    "TextNeighbours",
    "TrainingRun",
    "TrendingProducts",
    "VisitorRecommendations",
]
