"""Choose the weights of the fusion on some judged queries, and measure the choice on others.

`python -m benchmarks.search.weights --products FILE --judgments FILE --model FOLDER`: on a
throw-away database. Each of the weights that join the two legs is tried at a quarter of its default
to four times it. In each of --folds rounds the best combination of all queries but a fold's is
measured on that fold's, beside the defaults. `--json` for machines.
"""

import argparse
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.events.shop import open_services
from search.algorithms.fusion import FusionSettings
from search.algorithms.metrics import METRICS, bootstrap_interval

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
TRIED = ("semantic_weight", "agreement", "keyword_evidence", "kind")
METRIC = "ndcg@10"
SEEDS = 10

Floats = NDArray[np.float64]


def main() -> None:
    """Load, try all combinations, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=Path, required=True)
    parser.add_argument("--judgments", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="an exported model's folder")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    grid = make_grid()
    with open_services():
        values = _measure(options, grid)
    figures = cross_validate(values, grid.index(FusionSettings()), options.folds)
    best = int(values.mean(axis=1).argmax())
    figures |= _neighbours(values, grid)
    figures["best on all"] = {"settings": asdict(grid[best]), "value": float(values[best].mean())}
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def make_grid() -> list[FusionSettings]:
    """Every combination of the weights, each by every factor."""
    usual = FusionSettings()
    return [
        replace(usual, **{
            name: getattr(usual, name) * factor for name, factor in zip(TRIED, by, strict=True)
        })
        for by in itertools.product(FACTORS, repeat=len(TRIED))
    ]  # fmt: skip


def cross_validate(values: Floats, usual: int, folds: int) -> dict[str, Any]:
    """What a choice made without a query gives on it; `values` is (combinations, queries).

    `usual` is the row of the defaults. Over several ways to deal the queries into folds.
    """
    queries = values.shape[1]
    chosen = np.zeros((SEEDS, queries))
    optimism = []
    for seed in range(SEEDS):
        fold = np.random.default_rng(seed).permutation(queries) % folds
        for number in range(folds):
            seen, held = fold != number, fold == number
            best = int(values[:, seen].mean(axis=1).argmax())
            chosen[seed, held] = values[best, held]
            optimism.append(values[best, seen].mean() - values[best, held].mean())
    held_out = chosen.mean(axis=0)
    return {
        "queries": queries,
        "defaults": _interval(values[usual]),
        "chosen on folds, measured on the one held out": _interval(held_out),
        "chosen minus defaults": _interval(held_out - values[usual]),
        "chosen: seen minus held out": float(np.mean(optimism)),
    }


def _interval(values: Floats) -> dict[str, float]:
    names = ("value", "low", "high")
    return dict(zip(names, map(float, bootstrap_interval(values.tolist())), strict=True))


def _neighbours(values: Floats, grid: Sequence[FusionSettings]) -> dict[str, Any]:
    """The means with one weight moved at a time, and the least with all within half to twice."""
    usual, means = FusionSettings(), values.mean(axis=1)
    alone = {
        name: {
            f"x {factor:g}": float(
                means[grid.index(replace(usual, **{name: getattr(usual, name) * factor}))]
            )
            for factor in FACTORS
        }
        for name in TRIED
    }
    near = [
        float(mean)
        for mean, tried in zip(means, grid, strict=True)
        if all(0.5 <= getattr(tried, name) / getattr(usual, name) <= 2 for name in TRIED)
    ]
    return {"one at a time": alone, "all from half to twice": [min(near), max(near)]}


def _measure(options: argparse.Namespace, grid: Sequence[FusionSettings]) -> Floats:
    """The metric by combination and query: each query is searched once, and fused often."""
    from django.conf import settings  # noqa: PLC0415 - Django must be set up

    from catalogue.models import Product  # noqa: PLC0415
    from catalogue.services import Reporter, import_products, open_lines  # noqa: PLC0415
    from search.algorithms.encoder import QUERIES, Encoder  # noqa: PLC0415
    from search.selectors.evaluation import read_judgments  # noqa: PLC0415
    from search.services.embedding import embed_products  # noqa: PLC0415
    from search.services.indexing import index_products  # noqa: PLC0415

    settings.EMBEDDING_MODEL_DIR = options.model.resolve()
    encoder = Encoder(options.model, graph=QUERIES)
    with open_lines(str(options.products)) as lines:
        import_products(lines, "abort", Reporter())
    index_products()
    embed_products(encoder)
    public_ids = dict(Product.objects.values_list("id", "public_id"))
    columns = [
        _try_all(query, grades, grid, encoder.model_version, public_ids)
        for query, grades in read_judgments(options.judgments).items()
    ]
    return np.array([column for column in columns if column]).T


def _try_all(
    query: str,
    grades: Mapping[str, float],
    grid: Sequence[FusionSettings],
    model: str,
    public_ids: Mapping[int, str],
) -> list[float]:
    """The metric of one query under each combination; empty where it can tell none apart."""
    from search.algorithms.query import parse_query  # noqa: PLC0415 - Django must be set up
    from search.algorithms.text import normalise_query  # noqa: PLC0415
    from search.selectors.candidates import find_candidates  # noqa: PLC0415
    from search.selectors.ranking import fuse, make_wanted  # noqa: PLC0415
    from search.selectors.steering import read_steering  # noqa: PLC0415
    from search.selectors.terms import SearchTerms  # noqa: PLC0415

    terms = SearchTerms(normalise_query(query))
    wanted = make_wanted(parse_query(terms.query), terms, read_steering(terms), model, grid[0])
    found = find_candidates(wanted)
    values = []
    for fusion in grid:
        ranked = [public_ids[key] for key in fuse(found, fusion).product_ids[:10]]
        values.append(METRICS[METRIC](ranked, grades))
    return [value for value in values if value is not None]


if __name__ == "__main__":
    main()
