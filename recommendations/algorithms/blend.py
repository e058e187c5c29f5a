"""The engine: ALS, item-kNN and recent popularity, blended.

Each leg's scores are divided by its best for that shopper and summed with the leg's weight. The
legs err differently: ALS generalises, kNN remembers what went together and knows what reads alike,
recent popularity knows the season.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.als import AlsSettings, ProductFactors, fit_als, fold_in_rows
from recommendations.algorithms.interactions import (
    ConfidenceSettings,
    Interactions,
    build_user_items,
)
from recommendations.algorithms.item_knn import KnnSettings, fit_item_knn, knn_queries
from recommendations.algorithms.placements import MOST_SHOWN
from recommendations.algorithms.popularity import count_recent_shoppers, count_shoppers
from recommendations.algorithms.ranking import Scores, exclude, scale_to_best
from recommendations.algorithms.texts import join_texts
from recommendations.algorithms.weighting import Bm25, fit_bm25

BATCH = 256
# BM25 saturates around a frequency of k1. Bringing the mean confidence to what a term's frequency
# usually is makes the engine indifferent to the scale of weights, ratings and decay.
MEAN_FREQUENCY = 1.5


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Everything that shapes a model; `blend` weighs ALS, kNN and recent popularity.

    In kNN, all texts together say `text_weight` times what all behaviour says.
    The first `explained` products of a list, as many as an answer ever shows, get `reasons` each.
    """

    confidence: ConfidenceSettings = field(default_factory=ConfidenceSettings)
    als: AlsSettings = field(default_factory=AlsSettings)
    knn: KnnSettings = field(default_factory=KnnSettings)
    recent_days: float = 30.0
    blend: tuple[float, float, float] = (1.0, 1.0, 0.5)
    text_weight: float = 1.0
    reasons: int = 3
    explained: int = MOST_SHOWN


@dataclass(frozen=True, slots=True)
class Model:
    """A trained engine; arrays have one row or entry per product.

    `similarity` is what went together; kNN scores with `kinship`, which knows of texts, too.
    Confidences are multiplied by `unit` before BM25, and by `scale` between BM25 and ALS.
    """

    factors: ProductFactors
    bm25: Bm25
    unit: float
    scale: float
    similarity: sp.csr_matrix
    kinship: sp.csr_matrix
    popularity: NDArray[np.float64]
    recent_popularity: NDArray[np.float64]
    settings: EngineSettings = field(default_factory=EngineSettings)


@dataclass(frozen=True, slots=True)
class Given:
    """What a fit is given beside the interactions.

    `start` are the factors to go on from, see `fit_als`; `user_items` is what `build_user_items`
    makes of the interactions, for who has it already; `texts` says how much products read alike.
    """

    start: NDArray[np.float32] | None = None
    user_items: sp.csr_matrix | None = None
    texts: sp.csr_matrix | None = None


def fit_model(
    interactions: Interactions, settings: EngineSettings, as_of: float, given: Given = Given()
) -> Model:
    """Train every leg on `interactions`; ages count from `as_of` (seconds since the epoch)."""
    user_items, texts = given.user_items, given.texts
    if user_items is None:
        user_items = build_user_items(interactions, settings.confidence, as_of)
    unit = MEAN_FREQUENCY / _mean(user_items)
    user_items = user_items * unit
    bm25 = fit_bm25(user_items, settings.als.k1, settings.als.b)
    weighted = bm25.weigh(user_items)
    scale = settings.als.confidence / _mean(weighted)
    similarity = fit_item_knn(user_items, settings.knn)
    kinship = similarity if texts is None else join_texts(similarity, texts, settings.text_weight)
    return Model(
        factors=fit_als(weighted * scale, settings.als, given.start),
        bm25=bm25,
        unit=unit,
        scale=scale,
        similarity=similarity,
        kinship=kinship,
        popularity=count_shoppers(interactions),
        recent_popularity=count_recent_shoppers(interactions, as_of, settings.recent_days),
        settings=settings,
    )


def _mean(matrix: sp.csr_matrix) -> float:
    return float(matrix.data.mean()) if matrix.nnz else 1.0


@dataclass(frozen=True, slots=True)
class Legs:
    """Scores of a block of shoppers (shoppers x products), one block per leg."""

    als: Scores
    knn: Scores
    recent: Scores

    def scaled(self, seen: sp.csr_matrix) -> tuple[Scores, Scores, Scores]:
        """Each leg divided by its best among the products that are not in `seen`."""
        for scores in (self.als, self.knn, self.recent):
            exclude(scores, seen)
        return scale_to_best(self.als), scale_to_best(self.knn), scale_to_best(self.recent)


def score_legs(model: Model, user_items: sp.csr_matrix) -> Legs:
    """Every leg's scores of all products for a block of shoppers' rows of confidences."""
    weighted = model.bm25.weigh(user_items * model.unit) * model.scale
    users, _ = fold_in_rows(model.factors, weighted)
    knn = score_knn(model, model.kinship, user_items)
    recent = np.tile(model.recent_popularity.astype(np.float32), (user_items.shape[0], 1))
    return Legs(users.astype(np.float32) @ model.factors.factors.T, knn, recent)


def score_knn(model: Model, similarity: sp.csr_matrix, user_items: sp.csr_matrix) -> Scores:
    """What kNN says of all products by `similarity`, for a block of rows of confidences."""
    queries = knn_queries(user_items * model.unit, model.settings.knn)
    return np.asarray((queries @ similarity).todense(), dtype=np.float32)
