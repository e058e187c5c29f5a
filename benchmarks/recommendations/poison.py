"""What robots bend: `python -m benchmarks.recommendations.poison FILE --split RULE`.

Robots are added to what is trained on, each with a million views of products drawn at random, as
if neither the marking of bots nor the gate had seen them. Told are what ordinary shoppers then get
(nDCG@20 of the blend) and how many of each product's 20 nearest are still those without robots,
with the bound on what one shopper says in all, and without it.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from recommendations.algorithms.blend import EngineSettings, Model, fit_model
from recommendations.algorithms.evaluation import measure_ndcg, settings_for
from recommendations.algorithms.interactions import DAY_SECONDS, Interactions
from recommendations.algorithms.splits import Split
from recommendations.services.evaluation import parse_split
from recommendations.services.interaction_files import read_interactions

K = 20
VIEWS = 1e6
# So many robots, each looking at so many products.
ROBOTS = ((1, 1_000), (20, 300))


def main() -> None:
    """Print a line of figures for each bound and number of robots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("interactions", type=Path)
    parser.add_argument("--split", required=True)
    options = parser.parse_args()
    engine = EngineSettings()
    events = read_interactions(options.interactions, engine.confidence)
    split = parse_split(options.split).apply(events)
    engine = settings_for(split, engine)
    unbounded = replace(engine, confidence=replace(engine.confidence, max_total=np.inf))
    for name, settings in (("bounded", engine), ("unbounded", unbounded)):
        clean = fit_model(split.train, settings, split.as_of)
        print(json.dumps({"engine": name, "robots": 0, "ndcg": _ndcg(clean, split)}))
        for robots, products in ROBOTS:
            poisoned = add_robots(split.train, robots, products, split.as_of)
            model = fit_model(poisoned, settings, split.as_of)
            figures = {"engine": name, "robots": robots, "products": products,
                       "ndcg": _ndcg(model, split),
                       "neighbours_kept": _kept(clean, model)}  # fmt: skip
            print(json.dumps(figures), flush=True)


def add_robots(train: Interactions, robots: int, products: int, as_of: float) -> Interactions:
    """`train` and so many robots more, each with VIEWS views a day before `as_of`."""
    users, columns = train.shape
    generator = np.random.default_rng(7)
    products = min(products, columns)
    viewed = [generator.permutation(columns)[:products] for _ in range(robots)]
    count = robots * products
    return Interactions(
        np.concatenate([train.users, np.repeat(np.arange(users, users + robots), products)]),
        np.concatenate([train.products, *viewed]),
        np.concatenate([train.weights, np.full(count, VIEWS / products)]),
        np.concatenate([train.times, np.full(count, as_of - DAY_SECONDS)]),
        (users + robots, columns),
    )


def _ndcg(model: Model, split: Split) -> float:
    return round(float(measure_ndcg(model, split, K).mean()), 4)


def _kept(clean: Model, poisoned: Model) -> float:
    """The mean share of each product's nearest that robots did not displace."""
    pairs = zip(_nearest(clean), _nearest(poisoned), strict=True)
    return round(float(np.mean([len(a & b) / len(a) for a, b in pairs if a])), 3)


def _nearest(model: Model) -> list[set[int]]:
    similarity = model.similarity
    rows = [slice(*similarity.indptr[row : row + 2]) for row in range(similarity.shape[0])]
    return [
        set(similarity.indices[own][np.argsort(-similarity.data[own], kind="stable")[:K]].tolist())
        for own in rows
    ]


if __name__ == "__main__":
    main()
