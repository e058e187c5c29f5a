"""The engine: ALS, item-kNN and recent popularity, blended, with reasons.

Each leg's scores are divided by its best for that shopper and summed with the leg's weight. The
legs err differently: ALS generalises, kNN remembers what went together, recent popularity knows
the season.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.als import AlsSettings, ProductFactors, fit_als, fold_in
from recommendations.algorithms.interactions import (
    ConfidenceSettings,
    Interactions,
    build_user_items,
)
from recommendations.algorithms.item_knn import KnnSettings, fit_item_knn, knn_queries
from recommendations.algorithms.popularity import count_recent_shoppers, count_shoppers
from recommendations.algorithms.ranking import Scores, exclude, scale_to_best, top_k
from recommendations.algorithms.threads import single_threaded
from recommendations.algorithms.weighting import Bm25, fit_bm25

BATCH = 256
# BM25 saturates around a frequency of k1. Bringing the mean confidence to what a term's frequency
# usually is makes the engine indifferent to the scale of weights, ratings and decay.
MEAN_FREQUENCY = 1.5
# What contributes less than this is no reason that a shopper would see.
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Everything that shapes a model; `blend` weighs ALS, kNN and recent popularity."""

    confidence: ConfidenceSettings = field(default_factory=ConfidenceSettings)
    als: AlsSettings = field(default_factory=AlsSettings)
    knn: KnnSettings = field(default_factory=KnnSettings)
    recent_days: float = 30.0
    blend: tuple[float, float, float] = (1.0, 1.0, 0.5)
    reasons: int = 3


@dataclass(frozen=True, slots=True)
class Model:
    """A trained engine; arrays have one row or entry per product.

    Confidences are multiplied by `unit` before BM25, and by `scale` between BM25 and ALS.
    """

    factors: ProductFactors
    bm25: Bm25
    unit: float
    scale: float
    similarity: sp.csr_matrix
    popularity: NDArray[np.float64]
    recent_popularity: NDArray[np.float64]
    settings: EngineSettings = field(default_factory=EngineSettings)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Products for one shopper, best first; `reasons` name past products and their shares.

    A share is the part that a past product has in all that speaks for the recommended one.
    """

    products: NDArray[np.int64]
    scores: NDArray[np.float32]
    reasons: Sequence[Sequence[tuple[int, float]]]
    factors: NDArray[np.float64]


def fit_model(
    interactions: Interactions,
    settings: EngineSettings,
    as_of: float,
    start: NDArray[np.float32] | None = None,
) -> Model:
    """Train every leg on `interactions`; ages count from `as_of` (seconds since the epoch).

    `start` are the factors to go on from, see `fit_als`.
    """
    user_items = build_user_items(interactions, settings.confidence, as_of)
    unit = MEAN_FREQUENCY / _mean(user_items)
    user_items = user_items * unit
    bm25 = fit_bm25(user_items, settings.als.k1, settings.als.b)
    weighted = bm25.weigh(user_items)
    scale = settings.als.confidence / _mean(weighted)
    return Model(
        factors=fit_als(weighted * scale, settings.als, start),
        bm25=bm25,
        unit=unit,
        scale=scale,
        similarity=fit_item_knn(user_items, settings.knn),
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
    user_factors: NDArray[np.float64]
    parts: Sequence[NDArray[np.float64]]

    def scaled(self, seen: sp.csr_matrix) -> tuple[Scores, Scores, Scores]:
        """Each leg divided by its best among the products that are not in `seen`."""
        for scores in (self.als, self.knn, self.recent):
            exclude(scores, seen)
        return scale_to_best(self.als), scale_to_best(self.knn), scale_to_best(self.recent)


def score_legs(model: Model, user_items: sp.csr_matrix) -> Legs:
    """Every leg's scores of all products for a block of shoppers' rows of confidences."""
    user_items = user_items * model.unit
    weighted = model.bm25.weigh(user_items) * model.scale
    folded = [
        fold_in(model.factors, weighted.indices[start:end], weighted.data[start:end])
        for start, end in zip(weighted.indptr[:-1], weighted.indptr[1:], strict=True)
    ]
    rank = model.factors.factors.shape[1]
    users = np.array([factors for factors, _ in folded]).reshape(-1, rank)
    knn = np.asarray((knn_queries(user_items) @ model.similarity).todense(), dtype=np.float32)
    recent = np.tile(model.recent_popularity.astype(np.float32), (user_items.shape[0], 1))
    als = users.astype(np.float32) @ model.factors.factors.T
    return Legs(als, knn, recent, users, [parts for _, parts in folded])


def recommend(
    model: Model, user_items: sp.csr_matrix, seen: sp.csr_matrix, depth: int
) -> Iterator[Ranking]:
    """Rankings of at most `depth` products per row of `user_items`, none of them in `seen`.

    Rows are scored in blocks, so memory is bounded by BATCH x products.
    """
    for start in range(0, user_items.shape[0], BATCH):
        rows = user_items[start : start + BATCH]
        with single_threaded():
            block = list(_recommend_block(model, rows, seen[start : start + BATCH], depth))
        yield from block


def _recommend_block(
    model: Model, rows: sp.csr_matrix, seen: sp.csr_matrix, depth: int
) -> Iterator[Ranking]:
    legs = score_legs(model, rows)
    scaled = legs.scaled(seen)
    blended = np.asarray(
        sum(weight * leg for weight, leg in zip(model.settings.blend, scaled, strict=True))
    )
    exclude(blended, seen)
    best = top_k(blended, depth)
    for index, columns in enumerate(best):
        scores = blended[index, columns]
        shown = columns[scores > 0]
        reasons = _explain(model, legs, rows, index, shown)
        yield Ranking(shown, scores[scores > 0], reasons, legs.user_factors[index])


def _explain(
    model: Model, legs: Legs, rows: sp.csr_matrix, index: int, shown: NDArray[np.int64]
) -> list[list[tuple[int, float]]]:
    """The strongest past products behind each product of `shown`, with their shares."""
    start, end = rows.indptr[index], rows.indptr[index + 1]
    liked = rows.indices[start:end]
    if not len(shown) or not len(liked):
        return [[] for _ in shown]
    by_als = model.factors.factors[shown].astype(np.float64) @ legs.parts[index]
    by_knn = np.asarray(model.similarity[liked][:, shown].todense()).T
    by_knn = by_knn * np.sqrt(rows.data[start:end])
    als_weight, knn_weight, recent_weight = model.settings.blend
    contributions = als_weight * _relative(by_als, legs.als[index])
    contributions += knn_weight * _relative(by_knn, legs.knn[index])
    trend = recent_weight * _relative(model.recent_popularity[shown][:, None], legs.recent[index])
    contributions = np.maximum(contributions, 0.0)
    whole = contributions.sum(axis=1, keepdims=True) + np.maximum(trend, 0.0)
    return _strongest(
        contributions / np.where(whole > 0, whole, 1.0), liked, model.settings.reasons
    )


def _relative(contributions: NDArray[np.float64], scores: Scores) -> NDArray[np.float64]:
    finite = scores[np.isfinite(scores)]
    best = float(finite.max(initial=0.0))
    return contributions / best if best > 0 else np.zeros_like(contributions)


def _strongest(
    shares: NDArray[np.float64], liked: NDArray[np.integer], most: int
) -> list[list[tuple[int, float]]]:
    order = np.argsort(-shares, axis=1, kind="stable")[:, :most]
    best = np.take_along_axis(shares, order, axis=1).round(4).tolist()
    products = liked[order].tolist()
    return [
        [pair for pair in zip(row, values, strict=True) if pair[1] >= LEAST_SHARE]
        for row, values in zip(products, best, strict=True)
    ]
