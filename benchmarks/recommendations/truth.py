"""How near to the sample shop's true tastes: `python -m benchmarks.recommendations.truth`.

The shop is drawn afresh, the engine learns from its events alone, and what it recommends to each
customer is held against their true affinities: in standard deviations above the mean product, for
products that they have not had to do with. The oracle knows the tastes; chance has 0.
"""

import argparse
import json
import tempfile
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
    affinity = _affinity(folder, users, products)
    model = fit_model(found, engine, NOW.timestamp())
    customers = np.flatnonzero(np.isfinite(affinity).all(axis=1))
    user_items = build_user_items(found, engine.confidence, NOW.timestamp())[customers]
    return _figures(model, user_items, build_seen(found)[customers], affinity[customers])


def _figures(
    model: Model, rows: sp.csr_matrix, seen: sp.csr_matrix, affinity: NDArray[np.float64]
) -> dict[str, float]:
    legs = score_legs(model, rows)
    scaled = legs.scaled(seen)
    blended = sum(weight * leg for weight, leg in zip(model.settings.blend, scaled, strict=True))
    popular = np.tile(model.popularity, (len(affinity), 1))
    chosen = {"oracle": affinity.copy(), "blend": np.asarray(blended), "als": legs.als,
              "item_knn": legs.knn, "recent_popularity": legs.recent,
              "popularity": popular}  # fmt: skip
    figures: dict[str, float] = {}
    for name, scores in chosen.items():
        exclude(scores, seen)
        best = top_k(scores.astype(np.float32), TOP)
        figures[name] = round(float(np.take_along_axis(affinity, best, axis=1).mean()), 3)
    return figures


def _affinity(folder: Path, users: list[str], products: list[str]) -> NDArray[np.float64]:
    """Standardised over products (users x products); NaN rows for who is no customer."""
    truth = np.load(folder / TRUTH_FILE)
    ids = json.loads((folder / TRUTH_IDS_FILE).read_text(encoding="utf-8"))
    row_of = {name: row for row, name in enumerate(ids["customers"])}
    column_of = {name: column for column, name in enumerate(ids["products"])}
    vectors = truth["product_vectors"][[column_of[name] for name in products]]
    affinity = np.full((len(users), len(products)), np.nan)
    for place, name in enumerate(users):
        if name in row_of:
            values = vectors @ truth["shopper_tastes"][row_of[name]]
            affinity[place] = (values - values.mean()) / values.std()
    return affinity


if __name__ == "__main__":
    main()
