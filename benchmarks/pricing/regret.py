"""What each decider earns on the sample shop, by its true elasticities.

    python -m benchmarks.pricing.regret [--seeds 8] [--days 28] [--plot docs/pricing-regret.svg]

A shop of each seed is drawn; deciders see its past (sales and prices, not the truth), then price it
for `days` days, a round a day, through the guardrails. What they would earn is worked out from the
truth (expected sales a day at list price, times ratio ** elasticity), for products whose cost is
known. Fixed prices stay at list price. The rules are those of a merchant with a spreadsheet: where
a category earned more per look in weeks below list price, 2 % down a day until 10 % below, where it
earned more above, up. The oracle knows the truth, and no limit of steps. Intervals are Student's
over seeds, 95 %.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from scipy.stats import t as student

from benchmarks.pricing.charts import Bar, bar_chart
from demo.algorithms.period import DAY
from demo.algorithms.shop import SampleShop, ShopSize, draw_shop
from pricing.algorithms.deciders import DemandModel, RuleEngine
from pricing.algorithms.deciders.model import Response
from pricing.algorithms.decisions import Decider, RuleTerms, Situation
from pricing.algorithms.demand.responses import (
    DailySales,
    Responses,
    Traffic,
    fit_rates,
    fit_responses,
)
from pricing.algorithms.guardrails import Guardrails
from pricing.algorithms.replaying import Charged, PricePath, situation_at

Values = NDArray[np.float64]

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUARDRAILS = Guardrails(
    max_change_interval=Decimal("0.05"), max_change_day=Decimal("0.10"),
    min_list_ratio=Decimal("0.7"), max_list_ratio=Decimal("1.25"),
    margin_floor=Decimal("0.05"), hysteresis=Decimal("0.005"),
)  # fmt: skip
LOWEST, HIGHEST = 0.7, 1.25
DOWN = [{"when": [{"signal": "price_to_list", "op": ">", "value": 0.905}], "change": "-0.02"}]
UP = [{"when": [{"signal": "price_to_list", "op": "<", "value": 1.095}], "change": "0.02"}]


@dataclass(frozen=True)
class Truth:
    """Of the products whose cost is known: (k,) each."""

    rows: NDArray[np.int64]
    list_price: Values
    cost: Values
    elasticity: Values
    daily_units: Values

    def margin(self, ratio: Values) -> float:
        """Expected margin a day at prices of these ratios to list price."""
        units = self.daily_units * ratio**self.elasticity
        return float((units * (ratio * self.list_price - self.cost)).sum())

    def best(self) -> Values:
        """The ratio of most margin for each product, inside the bounds."""
        grid = np.linspace(LOWEST, HIGHEST, 221)[:, None]
        earned = grid**self.elasticity * (grid * self.list_price - self.cost)
        return np.asarray(grid[earned.argmax(axis=0), 0])


@dataclass(frozen=True)
class Past:
    """What a decider may have seen: sales by product and day, and margins per look."""

    sales: DailySales
    category: NDArray[np.int64]
    since: Values
    days: int


def read_past(shop: SampleShop) -> Past:
    """Distinct shoppers who looked, and units, by product and day."""
    market, choices = shop.market, shop.choices
    products = len(market.catalogue.products)
    start = market.period.start
    day = (choices.time - start) // DAY
    days = int(day.max()) + 1
    looks = np.unique((choices.shopper * products + choices.product) * days + day)
    cell = choices.product * days + day
    exposure = np.bincount(looks % (products * days), minlength=products * days)
    units = np.bincount(cell, choices.quantity, products * days)
    some = np.flatnonzero(exposure + units > 0)
    product, when = some // days, some % days
    ratio = market.paths.at(product, start + when * DAY + DAY // 2)
    sales = DailySales(
        product, when, np.maximum(1.0, exposure[some]), units[some].astype(float), np.log(ratio)
    )
    since = np.maximum(0.0, (market.catalogue.created_at - start) / DAY)
    return Past(sales, market.catalogue.category, since, days)


def read_truth(shop: SampleShop) -> Truth:
    """The truth of products with a cost; prices are those of the first variant, in currency."""
    first = [item.variants[0] for item in shop.market.catalogue.products]
    rows = np.flatnonzero([one.cost is not None for one in first])
    return Truth(
        rows=rows,
        list_price=np.array([first[row].list_price / 100 for row in rows]),
        cost=np.array([(first[row].cost or 0) / 100 for row in rows]),
        elasticity=shop.market.latents.elasticity[rows],
        daily_units=shop.daily_units[rows],
    )


def learn(past: Past) -> tuple[Responses, DemandModel]:
    """The demand model as the nightly fit makes it."""
    found = fit_responses(past.sales, past.category)
    traffic = Traffic(past.since, float(past.days), half_life=30.0)
    rates = fit_rates(past.sales, found.elasticity, past.category, traffic)
    columns = (found.elasticity, found.error, rates, found.is_borrowed)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return found, DemandModel({row: Response(*values) for row, values in enumerate(rows)})


def spreadsheet_steps(past: Past, truth: Truth) -> dict[int, list[dict[str, Any]]]:
    """A rule's steps for each category, by what a look earned below, at and above list price."""
    cost = np.full(len(past.category), np.nan)
    cost[truth.rows] = truth.cost / truth.list_price
    ratio = np.exp(past.sales.log_ratio)
    earned = past.sales.units * (ratio - cost[past.sales.product])
    known = np.isfinite(earned)
    level = np.digitize(ratio, [0.93, 1.03])
    steps: dict[int, list[dict[str, Any]]] = {}
    for category in np.unique(past.category).tolist():
        here = known & (past.category[past.sales.product] == category)
        looks = np.bincount(level[here], past.sales.exposure[here], 3)
        per_look = np.bincount(level[here], earned[here], 3) / np.maximum(looks, 1)
        steps[category] = [DOWN, [], UP][int(per_look.argmax())]
    return steps


@dataclass
class Shelf:
    """The products as they stand in the simulated days."""

    truth: Truth
    situations: list[Situation]
    paths: list[PricePath]

    @classmethod
    def of(cls, truth: Truth, category: NDArray[np.int64]) -> "Shelf":
        """All at list price."""
        situations = [
            Situation(
                row, row, int(category[row]), None, Decimal(str(price)), Decimal(str(price)),
                Decimal(str(cost)), None, "USD",
            )
            for row, price, cost in zip(
                truth.rows.tolist(), truth.list_price.tolist(), truth.cost.tolist(), strict=True
            )
        ]  # fmt: skip
        begin = NOW - timedelta(days=60)
        return cls(truth, situations, [PricePath([Charged(begin, s.price)]) for s in situations])

    def step(self, decider: Decider, terms: RuleTerms, rows: list[int], moment: datetime) -> None:
        """One round for the products at `rows`."""
        asked = [situation_at(self.situations[row], self.paths[row]) for row in rows]
        for row, one, proposed in zip(rows, asked, decider.decide(asked, terms), strict=True):
            if proposed is not None:
                self.paths[row].follow(proposed.price, one, GUARDRAILS, moment)

    def margin(self) -> float:
        """Expected margin of a day at the prices in force."""
        ratio = np.array([float(p.price) for p in self.paths]) / self.truth.list_price
        return self.truth.margin(ratio)


def run_days(
    shelf: Shelf, plan: Sequence[tuple[Decider, RuleTerms, list[int]]], days: int
) -> float:
    """Margin of `days` days, a round at the beginning of each."""
    total = 0.0
    for day in range(days):
        for decider, terms, rows in plan:
            shelf.step(decider, terms, rows, NOW + timedelta(days=day))
        total += shelf.margin()
    return total


def measure(seed: int, days: int) -> dict[str, float]:
    """Margins to that of fixed prices, less 1, and rank correlations, on the shop of `seed`."""
    shop = draw_shop(ShopSize(seed=seed), now=int(NOW.timestamp()) * 1000)
    past, truth = read_past(shop), read_truth(shop)
    found, model = learn(past)
    everything = list(range(len(truth.rows)))
    categories = past.category[truth.rows]
    by_rules = [
        (RuleEngine(), RuleTerms(number, "rule", 1, "rules", tuple(steps)),
         np.flatnonzero(categories == number).tolist())
        for number, steps in spreadsheet_steps(past, truth).items()
    ]  # fmt: skip
    by_model = [(model, RuleTerms(1, "model", 1, "model"), everything)]
    fixed = truth.margin(np.ones(len(truth.rows))) * days
    oracle = truth.margin(truth.best()) * days
    latents = shop.market.latents
    true_categories = latents.category_elasticity
    seen = np.unique(past.category)
    return {
        "rules": run_days(Shelf.of(truth, past.category), by_rules, days) / fixed - 1,
        "model": run_days(Shelf.of(truth, past.category), by_model, days) / fixed - 1,
        "oracle": oracle / fixed - 1,
        "rank": float(spearmanr(found.elasticity, latents.elasticity)[0]),
        "category_rank": float(spearmanr(
            [found.categories[c].mean for c in seen], true_categories[seen])[0]),
        "bias": float((found.elasticity - latents.elasticity).mean()),
    }  # fmt: skip


def interval(values: list[float]) -> tuple[float, float, float]:
    """The mean with Student's 95 % interval."""
    mean = float(np.mean(values))
    half = float(student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return mean, mean - half, mean + half


def main() -> None:
    """Measure, print, plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    began = time.monotonic()
    runs = [measure(seed, options.days) for seed in range(1, options.seeds + 1)]
    found = {name: interval([run[name] for run in runs]) for name in runs[0]}
    regret = {
        name: interval([run["oracle"] - run.get(name, 0.0) for run in runs])
        for name in ("fixed", "rules", "model")
    }
    print(f"{options.seeds} seeds, {options.days} days, {time.monotonic() - began:.0f} s")
    for name in ("rules", "model", "oracle"):
        print(f"margin to fixed prices, {name:<7} {_shares(found[name])}")
    for name, share in regret.items():
        print(f"regret to the oracle, {name:<9} {_shares(share)}")
    for name in ("rank", "category_rank", "bias"):
        value, low, high = found[name]
        print(f"{name.replace('_', ' '):<31} {value:.2f} [{low:.2f}, {high:.2f}]")
    wins = sum(run["model"] > run["rules"] > 0 for run in runs)
    print(f"model > rules > fixed in {wins} of {len(runs)} seeds")
    if options.plot:
        bars = [Bar(name, *found[name]) for name in ("rules", "model", "oracle")]
        title = f"Margin beyond fixed prices, {options.seeds} sample shops, {options.days} days"
        options.plot.write_text(bar_chart(title, "of fixed prices' margin", bars))


def _shares(value: tuple[float, float, float]) -> str:
    return f"{value[0]:6.2%} [{value[1]:.2%}, {value[2]:.2%}]"


if __name__ == "__main__":
    main()
