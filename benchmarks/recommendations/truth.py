"""How near to the sample shop's true tastes: `python -m benchmarks.recommendations.truth`.

The shop is drawn afresh, the engine learns from its events alone, and what it recommends to each
customer is held against their true affinities: in standard deviations above the mean product, for
products that they have not had to do with. The oracle knows the tastes; chance has 0. The oracle of
views also knows how popular each product is: it ranks by the chance that a view is of it, which is
all that events can tell. The learners know what products are made of and how shoppers choose, and
learn nothing but each customer's taste from the same events (`benchmarks.recommendations.learner`):
nobody who has to learn the products, too, should be expected beyond them.
"""

import argparse
import json
import os
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import django
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.recommendations.learner import learn_tastes
from demo.algorithms.shop import ShopSize
from demo.services.sample import (
    EVENTS_FILE,
    PRODUCTS_FILE,
    TRUTH_FILE,
    TRUTH_IDS_FILE,
    write_sample_shop,
)
from recommendations.algorithms.blend import EngineSettings, Given, Model, fit_model, score_legs
from recommendations.algorithms.interactions import Interactions, build_seen, build_user_items
from recommendations.algorithms.ranking import exclude, top_k
from recommendations.services.interaction_files import read_named
from search.algorithms.encoder import Encoder

TOP = 20
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the generator knows (users x products); NaN rows for who is no customer.

    `affinity` is standardised over products, `utility` the logarithm of a view's chance; `vectors`
    and log `popularity` are the products', `tastes` the customers'.
    """

    affinity: NDArray[np.float64]
    utility: NDArray[np.float64]
    tastes: NDArray[np.float64]
    vectors: NDArray[np.float64]
    popularity: NDArray[np.float64]

    def select(self, rows: NDArray[np.int64]) -> "Truth":
        """The same of these users alone."""
        return replace(
            self, affinity=self.affinity[rows], utility=self.utility[rows], tastes=self.tastes[rows]
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER",
        help="of export_model: the products' texts speak, too, as they do in a shop",
    )  # fmt: skip
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        size = ShopSize(seed=options.seed, days=options.days)
        write_sample_shop(Path(folder), size, now=NOW, currency="USD")
        print(json.dumps(measure(Path(folder), options.model), indent=2))


def measure(folder: Path, model_folder: Path | None = None) -> dict[str, float]:
    """Mean standardised affinity of the first 20, by who chooses them."""
    engine = EngineSettings()
    found, users, products = read_named(folder / EVENTS_FILE, engine.confidence)
    truth = _truth(folder, users, products)
    texts = _texts(folder, products, model_folder) if model_folder else None
    model = fit_model(found, engine, NOW.timestamp(), Given(texts=texts))
    customers = np.flatnonzero(np.isfinite(truth.affinity).all(axis=1))
    user_items = build_user_items(found, engine.confidence, NOW.timestamp())[customers]
    truth, seen = truth.select(customers), build_seen(found)[customers]
    learnt = learn_tastes(
        sp.csr_matrix(_counts(found)[customers]), truth.vectors, truth.popularity, truth.tastes
    )
    return _figures(model, user_items, seen, truth, learnt @ truth.vectors.T)


def _counts(found: Interactions) -> sp.csr_matrix:
    """How many events there are of each user and product."""
    ones = np.ones(len(found), dtype=np.float64)
    return sp.csr_matrix((ones, (found.users, found.products)), shape=found.shape)


def _texts(folder: Path, products: list[str], model_folder: Path) -> sp.csr_matrix:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
    os.environ.setdefault("STOREFRONT_ENV", "test")
    django.setup()
    from recommendations.services.product_files import file_similarity  # noqa: PLC0415

    return file_similarity(str(folder / PRODUCTS_FILE), products, Encoder(model_folder))


def _figures(
    model: Model,
    rows: sp.csr_matrix,
    seen: sp.csr_matrix,
    truth: Truth,
    learnt: NDArray[np.float64],
) -> dict[str, float]:
    legs = score_legs(model, rows)
    scaled = legs.scaled(seen)
    blended = sum(weight * leg for weight, leg in zip(model.settings.blend, scaled, strict=True))
    affinity = truth.affinity
    popular = np.tile(model.popularity, (len(affinity), 1))
    chosen = {"oracle": affinity.copy(), "oracle_of_views": truth.utility,
              "learner": learnt, "learner_of_views": learnt + truth.popularity,
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
    tastes = np.full((len(users), vectors.shape[1]), np.nan)
    for place, name in enumerate(users):
        if name in row_of:
            tastes[place] = truth["shopper_tastes"][row_of[name]]
            values = vectors @ tastes[place]
            affinity[place] = (values - values.mean()) / values.std()
            utility[place] = values + popularity
    return Truth(affinity, utility, tastes, vectors, popularity)


if __name__ == "__main__":
    main()
