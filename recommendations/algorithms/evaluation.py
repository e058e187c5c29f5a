"""Offline evaluation: every strategy on what users took after what was trained on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms import metrics
from recommendations.algorithms.blend import (
    BATCH,
    EngineSettings,
    Given,
    Model,
    fit_model,
    score_knn,
    score_legs,
)
from recommendations.algorithms.interactions import build_seen, build_user_items
from recommendations.algorithms.ranking import Scores, exclude, top_k
from recommendations.algorithms.splits import Split
from recommendations.algorithms.threads import single_threaded

LIVE = "blend"
STRATEGIES = ("popularity", "recent_popularity", "item_knn", "als", LIVE)
# By how many products a user is known; the last band has no end.
BANDS = ((1, 2), (3, 9), (10, 29), (30, None))


@dataclass(frozen=True, slots=True)
class Band:
    """The users of whom `least` to `most` (None: any number of) products are known."""

    least: int
    most: int | None
    users: int
    metrics: dict[str, dict[str, metrics.Estimate]]

    @property
    def label(self) -> str:
        """Such as `3 to 9` or `30 and more`."""
        return f"{self.least} to {self.most}" if self.most else f"{self.least} and more"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`metrics[strategy][metric]` over `users` tested users; `ndcg[strategy]` of each of them."""

    users: int
    k: int
    metrics: dict[str, dict[str, metrics.Estimate]]
    bands: list[Band] = field(default_factory=list)
    ndcg: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def evaluate(
    split: Split, settings: EngineSettings, k: int, texts: sp.csr_matrix | None = None
) -> Evaluation:
    """Fit on the one part, measure on the other; no metrics where no user can be tested.

    `texts`: see `Given`.
    """
    if not len(split.users):
        return Evaluation(0, k, {})
    settings = settings_for(split, settings)
    return measure(fit_model(split.train, settings, split.as_of, Given(texts=texts)), split, k)


def settings_for(split: Split, settings: EngineSettings) -> EngineSettings:
    """`settings`, without fading where the split mixes past and future."""
    if split.fades:
        return settings
    return replace(settings, confidence=replace(settings.confidence, half_life_days=None))


def measure(model: Model, split: Split, k: int) -> Evaluation:
    """Every strategy of `model`, which knows no more than `split.train`, on the tested users."""
    with single_threaded():
        rankings = _rank_all(model, split, k)
    counts = np.array([len(products) for products in split.relevant])
    shares = model.popularity / max(model.popularity.sum(), 1.0)
    hits = {name: metrics.find_hits(ranked, split.relevant) for name, ranked in rankings.items()}
    values = {name: _values(rankings[name], hits[name], counts, shares, k) for name in rankings}
    covered = {name: metrics.coverage(ranked, model.popularity > 0) for name, ranked in
               rankings.items()}  # fmt: skip
    everybody = np.ones(len(counts), dtype=bool)
    found = _estimates(values, everybody)
    for name, share in covered.items():
        found[name][f"coverage@{k}"] = metrics.Estimate(share, share, share)
    ndcg = {name: measured[f"ndcg@{k}"] for name, measured in values.items()}
    return Evaluation(len(counts), k, found, _bands(values, split), ndcg)


def measure_ndcg(model: Model, split: Split, k: int) -> NDArray[np.float64]:
    """NDCG of what `model` would show to each tested user: one more contestant on a split."""
    with single_threaded():
        ranked = _rank_all(model, split, k, [LIVE])[LIVE]
    counts = np.array([len(products) for products in split.relevant])
    return metrics.ndcg(metrics.find_hits(ranked, split.relevant), counts)


def _values(
    ranked: NDArray[np.int64],
    hits: NDArray[np.bool_],
    counts: NDArray[np.int64],
    shares: NDArray[np.float64],
    k: int,
) -> dict[str, NDArray[np.float64]]:
    return {
        f"ndcg@{k}": metrics.ndcg(hits, counts),
        f"recall@{k}": metrics.recall(hits, counts),
        "map": metrics.average_precision(hits, counts),
        f"novelty@{k}": metrics.novelty(ranked, shares),
    }


def _estimates(
    values: Mapping[str, Mapping[str, NDArray[np.float64]]], chosen: NDArray[np.bool_]
) -> dict[str, dict[str, metrics.Estimate]]:
    """Means and intervals over the `chosen` users, all from the same bootstrap samples."""
    names = [(name, metric) for name, measured in values.items() for metric in measured]
    columns = np.column_stack([values[name][metric][chosen] for name, metric in names])
    found: dict[str, dict[str, metrics.Estimate]] = {name: {} for name in values}
    for (name, metric), value in zip(names, metrics.estimate_all(columns), strict=True):
        found[name][metric] = value
    return found


def _bands(values: Mapping[str, Mapping[str, NDArray[np.float64]]], split: Split) -> list[Band]:
    known = np.diff(build_seen(split.train).indptr)[split.users]
    ndcg = {
        name: {metric: value for metric, value in measured.items() if metric.startswith("ndcg")}
        for name, measured in values.items()
    }
    bands = []
    for least, most in BANDS:
        chosen = (known >= least) & (known <= (most or known.max(initial=0)))
        if chosen.any():
            bands.append(Band(least, most, int(chosen.sum()), _estimates(ndcg, chosen)))
    return bands


def _rank_all(
    model: Model, split: Split, k: int, names: Sequence[str] = STRATEGIES
) -> dict[str, NDArray[np.int64]]:
    """Each strategy's top `k` (tested users x k), what the user knows left out."""
    user_items = build_user_items(split.train, model.settings.confidence, split.as_of)
    seen = build_seen(split.train)
    known = np.asarray(seen.sum(axis=0)).ravel() > 0
    blocks: dict[str, list[NDArray[np.int64]]] = {name: [] for name in names}
    for start in range(0, len(split.users), BATCH):
        users = split.users[start : start + BATCH]
        for name, scores in _score_block(model, user_items[users], seen[users]):
            if name in blocks:
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
    yield "item_knn", score_knn(model, model.similarity, rows)
    yield "als", legs.als
    weights = model.settings.blend
    yield LIVE, np.asarray(sum(w * leg for w, leg in zip(weights, scaled, strict=True)))


def to_document(evaluation: Evaluation) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """The metrics as plain numbers: strategy → metric → value, low, high."""
    return _plain(evaluation.metrics)


def bands_document(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The activity bands as plain numbers: products known, users, and the metrics as above."""
    return [
        {"products": band.label, "users": band.users, "metrics": _plain(band.metrics)}
        for band in evaluation.bands
    ]


def _plain(
    measured: Mapping[str, Mapping[str, metrics.Estimate]],
) -> dict[str, dict[str, dict[str, float]]]:
    return {
        name: {
            metric: {
                "value": round(estimate.value, 5),
                "low": round(estimate.low, 5),
                "high": round(estimate.high, 5),
            }
            for metric, estimate in of_strategy.items()
        }
        for name, of_strategy in measured.items()
    }
