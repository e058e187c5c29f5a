"""Training runs and what they produced; the pointer to the run that is live."""

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

__all__ = [
    "ActiveRun",
    "CustomerFactors",
    "CustomerRecommendations",
    "EngineTuning",
    "MeasuredModel",
    "PopularProducts",
    "ProductFactors",
    "RunActivation",
    "SimilarProducts",
    "TextNeighbours",
    "TrainingRun",
    "VisitorRecommendations",
]
