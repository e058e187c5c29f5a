"""How near to the sample shop's true tastes: `python -m benchmarks.recommendations.truth`.

The shop is drawn afresh, the engine learns from its events alone, and what it recommends to each
customer is held against their true affinities: in standard deviations above the mean product, for
products that they have not had to do with. The oracle knows the tastes; chance has 0. The oracle of
views also knows how popular each product is: it ranks by the chance that a view is of it, which is
all that events can tell, so nobody who learns from events alone should be expected beyond it.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from demo.algorithms.shop import ShopSize
from demo.services.sample import EVENTS_FILE, TRUTH_FILE, TRUTH_IDS_FILE, write_sample_shop
from recommendations.algorithms.blend import EngineSettings, Model, fit_model, score_legs
from recommendations.algorithms.interactions import build_seen, build_user_items
from recommendations.algorithms.ranking import exclude, top_k
from recommendations.services.interaction_files import read_named

TOP = 20
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the generator knows (users x products); NaN rows for who is no customer.

    `affinity` is standardised over products, `utility` the logarithm of a view's chance.
    """

    affinity: NDArray[np.float64]
    utility: NDArray[np.float64]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=120)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        size = ShopSize(seed=options.seed, days=options.days)
        write_sample_shop(Path(folder), size, now=NOW, currency="USD")
        print(json.dumps(measure(Path(folder)), indent=2))


def measure(folder: Path) -> dict[str, float]:
    """Mean standardised affinity of the first 20, by who chooses them."""
    engine = EngineSettings()
    found, users, products = read_named(folder / EVENTS_FILE, engine.confidence)
    truth = _truth(folder, users, products)
    model = fit_model(found, engine, NOW.timestamp())
    customers = np.flatnonzero(np.isfinite(truth.affinity).all(axis=1))
    user_items = build_user_items(found, engine.confidence, NOW.timestamp())[customers]
    truth = Truth(truth.affinity[customers], truth.utility[customers])
    return _figures(model, user_items, build_seen(found)[customers], truth)


def _figures(
    model: Model, rows: sp.csr_matrix, seen: sp.csr_matrix, truth: Truth
) -> dict[str, float]:
    legs = score_legs(model, rows)
    scaled = legs.scaled(seen)
    blended = sum(weight * leg for weight, leg in zip(model.settings.blend, scaled, strict=True))
    affinity = truth.affinity
    popular = np.tile(model.popularity, (len(affinity), 1))
    chosen = {"oracle": affinity.copy(), "oracle_of_views": truth.utility,
              "blend": np.asarray(blended), "als": legs.als, "item_knn": legs.knn,
              "recent_popularity": legs.recent, "popularity": popular}  # fmt: skip
    figures: dict[str, float] = {}
    for name, scores in chosen.items():
        exclude(scores, seen)
        best = top_k(scores.astype(np.float32), TOP)
        figures[name] = round(float(np.take_along_axis(affinity, best, axis=1).mean()), 3)
    return figures


def _truth(folder: Path, users: list[str], products: list[str]) -> Truth:
    """What the generator wrote beside the shop, in the order of `users` and `products`."""
    truth = np.load(folder / TRUTH_FILE)
    ids = json.loads((folder / TRUTH_IDS_FILE).read_text(encoding="utf-8"))
    row_of = {name: row for row, name in enumerate(ids["customers"])}
    column_of = {name: column for column, name in enumerate(ids["products"])}
    columns = [column_of[name] for name in products]
    vectors, popularity = truth["product_vectors"][columns], truth["log_popularity"][columns]
    affinity = np.full((len(users), len(products)), np.nan)
    utility = affinity.copy()
    for place, name in enumerate(users):
        if name in row_of:
            values = vectors @ truth["shopper_tastes"][row_of[name]]
            affinity[place] = (values - values.mean()) / values.std()
            utility[place] = values + popularity
    return Truth(affinity, utility)


if __name__ == "__main__":
    main()
