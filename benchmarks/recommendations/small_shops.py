"""How often the gate lets pass what small shops teach, by the window's end and by four parts of it.

`python -m benchmarks.recommendations.small_shops [--shops 40]` draws shops of 60 and 120 customers
with ten purchases each in 90 days. Where customers have no tastes there is nothing to learn beyond
popularity, and what passes does so by chance; where they have, one of four kinds of product is
seven times as likely, and what is refused is so by chance.
"""

import argparse
from collections.abc import Sequence
from itertools import chain

import numpy as np

from recommendations.algorithms.blend import EngineSettings, fit_model
from recommendations.algorithms.evaluation import Evaluation, measure
from recommendations.algorithms.gate import GateSettings, judge
from recommendations.algorithms.interactions import DAY_SECONDS, Interactions
from recommendations.algorithms.rolling import Outcomes, earlier_outcomes, outcomes_of, pool
from recommendations.algorithms.splits import split_by_time

PRODUCTS, KINDS, DAYS, EACH = 120, 4, 90, 10
SHARES, TOP = (0.9, 0.8, 0.7, 0.6), 20
GATE = GateSettings()


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=40, help="shops of each sort (40)")
    shops = parser.parse_args().shops
    print(f"{'':24}{'users':>7}{'passed':>8}{'tests':>7}{'passed':>8}")
    for customers in (60, 120):
        for name, taste in (("no tastes", 0.0), ("tastes", 6.0)):
            found = [_try(seed, customers, taste) for seed in range(shops)]
            users, alone, tests, pooled = np.mean(found, axis=0).tolist()
            shown = f"{users:7.0f}{alone:8.0%}{tests:7.0f}{pooled:8.0%}"
            print(f"{f'{customers} customers, {name}':24}{shown}", flush=True)


def _try(seed: int, customers: int, taste: float) -> tuple[int, bool, int, bool]:
    """Users at the window's end and whether it passes by them; the same for tests of all parts."""
    events = _draw_shop(seed, customers, taste)
    cuts: Sequence[float] = np.quantile(events.times, SHARES).tolist()
    split = split_by_time(events, cuts[0])
    model = fit_model(split.train, EngineSettings(), cuts[0])
    evaluation = measure(model, split, TOP)
    last = outcomes_of(evaluation, split)
    earlier = earlier_outcomes(events, EngineSettings(), cuts, TOP)
    tests = pool(chain([last], earlier), GATE.many_tests)
    alone = _passes(evaluation, last)
    return evaluation.users, alone, len(tests), _passes(evaluation, tests)


def _passes(evaluation: Evaluation, tests: Outcomes) -> bool:
    return judge(evaluation, None, GATE, tests=tests).refused is None


def _draw_shop(seed: int, customers: int, taste: float) -> Interactions:
    generator = np.random.default_rng(seed)
    popularity = np.exp(generator.normal(0, 1, PRODUCTS))
    kinds = generator.integers(0, KINDS, PRODUCTS)
    people, products = [], []
    for customer in range(customers):
        likes = popularity * np.where(kinds == generator.integers(KINDS), 1.0 + taste, 1.0)
        count = max(2, int(generator.poisson(EACH)))
        products.append(generator.choice(PRODUCTS, count, replace=False, p=likes / likes.sum()))
        people.append(np.full(count, customer))
    users = np.concatenate(people)
    times = generator.random(len(users)) * DAYS * DAY_SECONDS
    shape = (customers, PRODUCTS)
    return Interactions(users, np.concatenate(products), np.full(len(users), 5.0), times, shape)


if __name__ == "__main__":
    main()
