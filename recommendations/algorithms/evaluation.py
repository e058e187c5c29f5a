"""Offline evaluation: split what happened, train on one part, see what the other part confirms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms import metrics
from recommendations.algorithms.blend import BATCH, EngineSettings, Model, fit_model, score_legs
from recommendations.algorithms.interactions import (
    Interactions,
    build_seen,
    build_user_items,
)
from recommendations.algorithms.ranking import Scores, exclude, top_k
from recommendations.algorithms.threads import single_threaded

LIVE = "blend"
STRATEGIES = ("popularity", "recent_popularity", "item_knn", "als", LIVE)


@dataclass(frozen=True, slots=True)
class Split:
    """What is trained on, and per tested user the products that are new to them afterwards."""

    train: Interactions
    users: NDArray[np.int64]
    relevant: list[NDArray[np.int64]]
    as_of: float
    fades: bool = True


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`metrics[strategy][metric]` over `users` tested users."""

    users: int
    metrics: dict[str, dict[str, metrics.Estimate]]


def split_by_time(interactions: Interactions, cut: float) -> Split:
    """Train on what happened before `cut` (seconds since the epoch), test on the rest."""
    before = interactions.times < cut
    return _split(interactions.select(before), interactions.select(~before), cut, fades=True)


def split_by_holdout(interactions: Interactions, fraction: float, seed: int = 7) -> Split:
    """Hold back a random `fraction` of each user's products.

    Such a split mixes past and future, so ages say nothing about what is held back: nothing fades.
    """
    users, products = interactions.shape
    pairs = interactions.users * np.int64(max(products, 1)) + interactions.products
    distinct, position = np.unique(pairs, return_inverse=True)
    owners = distinct // max(products, 1)
    order = np.lexsort((np.random.default_rng(seed).random(len(distinct)), owners))
    sizes = np.bincount(owners, minlength=users)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ranks = np.empty(len(distinct), dtype=np.int64)
    ranks[order] = np.arange(len(distinct)) - np.repeat(starts, sizes)
    held = ranks < np.round(fraction * sizes[owners])
    test = held[position]
    as_of = float(interactions.times.max(initial=0.0))
    return _split(interactions.select(~test), interactions.select(test), as_of, fades=False)


def _split(train: Interactions, test: Interactions, as_of: float, *, fades: bool) -> Split:
    """Keep of the test part what was taken, is new to its user, and is known in training."""
    seen = build_seen(train)
    bought = build_seen(train.select(train.weights > 0))
    known = np.asarray(bought.sum(axis=0)).ravel() > 0
    active = np.diff(bought.indptr) > 0
    taken = build_seen(test.select(test.weights > 0))
    fresh = (taken - taken.multiply(seen)).tocsr() @ sp.diags(known.astype(np.float64))
    fresh = sp.csr_matrix(sp.diags(active.astype(np.float64)) @ fresh)
    fresh.eliminate_zeros()
    users = np.flatnonzero(np.diff(fresh.indptr))
    relevant = [
        fresh.indices[fresh.indptr[user] : fresh.indptr[user + 1]].astype(np.int64)
        for user in users
    ]
    return Split(train, users, relevant, as_of, fades)


def evaluate(split: Split, settings: EngineSettings, k: int) -> Evaluation:
    """Every strategy's nDCG, recall and MAP at `k`; no metrics where no user can be tested."""
    if not split.fades:
        confidence = replace(settings.confidence, half_life_days=None)
        settings = replace(settings, confidence=confidence)
    if not len(split.users):
        return Evaluation(0, {})
    model = fit_model(split.train, settings, split.as_of)
    counts = np.array([len(products) for products in split.relevant])
    with single_threaded():
        rankings = _rank_all(model, split, k)
    return Evaluation(
        len(split.users),
        {
            name: _measure(metrics.find_hits(ranked, split.relevant), counts, k)
            for name, ranked in rankings.items()
        },
    )


def _measure(
    hits: NDArray[np.bool_], counts: NDArray[np.int64], k: int
) -> dict[str, metrics.Estimate]:
    return {
        f"ndcg@{k}": metrics.estimate(metrics.ndcg(hits, counts)),
        f"recall@{k}": metrics.estimate(metrics.recall(hits, counts)),
        "map": metrics.estimate(metrics.average_precision(hits, counts)),
    }


def _rank_all(model: Model, split: Split, k: int) -> dict[str, NDArray[np.int64]]:
    """Each strategy's top `k` (tested users x k), what the user knows left out."""
    user_items = build_user_items(split.train, model.settings.confidence, split.as_of)
    seen = build_seen(split.train)
    known = np.asarray(seen.sum(axis=0)).ravel() > 0
    blocks: dict[str, list[NDArray[np.int64]]] = {name: [] for name in STRATEGIES}
    for start in range(0, len(split.users), BATCH):
        users = split.users[start : start + BATCH]
        for name, scores in _score_block(model, user_items[users], seen[users]):
            scores[:, ~known] = -np.inf
            exclude(scores, seen[users])
            blocks[name].append(top_k(scores, k))
    return {name: np.concatenate(ranked) for name, ranked in blocks.items()}


def _score_block(
    model: Model, rows: sp.csr_matrix, seen: sp.csr_matrix
) -> Iterator[tuple[str, Scores]]:
    legs = score_legs(model, rows)
    scaled = legs.scaled(seen)
    yield "popularity", np.tile(model.popularity.astype(np.float32), (rows.shape[0], 1))
    yield "recent_popularity", legs.recent
    yield "item_knn", legs.knn
    yield "als", legs.als
    weights = model.settings.blend
    yield LIVE, np.asarray(sum(w * leg for w, leg in zip(weights, scaled, strict=True)))


def to_document(evaluation: Evaluation) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """The metrics as plain numbers: strategy → metric → value, low, high."""
    return {
        name: {
            metric: {
                "value": round(estimate.value, 5),
                "low": round(estimate.low, 5),
                "high": round(estimate.high, 5),
            }
            for metric, estimate in measured.items()
        }
        for name, measured in evaluation.metrics.items()
    }
