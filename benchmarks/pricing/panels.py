"""Synthetic weekly panels with known elasticities, each hard in a way of its own.

    python -m benchmarks.pricing.panels [--rows 1600000] [SCENARIO …]

draws each panel, runs `evaluate_demand_model` on it and prints what was found beside the truth.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Scenario:
    """How a panel is drawn; the defaults are a plain one."""

    stores: int = 80
    products: int = 100
    weeks: int = 200
    elasticity: float = -3.7
    spread: float = 0.5  # of products' elasticities
    promotion: float = 0.15  # share of weeks
    depth: float = 0.3  # of a promotion, at most
    chain_wide: float = 0.8  # share of promotions that all stores share
    level: float = 2.0  # mean log units
    shock: float = 0.3  # of a series in a week, log
    memory: float = 0.5  # of these shocks
    common: float = 0.1  # shocks that a product's stores share
    season: float = 0.2
    feature: float = 0.0  # extra log units in a chain-wide promotion: advertising
    stockpiling: float = 0.0  # share of the lift that is missing a week later
    rivals: float = 0.0  # log units lost when the store's other products are on promotion
    endogeneity: float = 0.0  # how much prices answer to shared demand shocks
    churn: float = 0.0  # share of series that begin late or end early
    missing: float = 0.03
    drift: float = 0.0  # of levels, a week
    fractional: bool = False
    dates: bool = False


SCENARIOS = {
    "plain": Scenario(),
    "deep": Scenario(promotion=0.3, depth=0.5, spread=1.0, feature=0.3),
    "slow movers": Scenario(level=0.2, memory=0.8, shock=0.5),
    "persistent": Scenario(memory=0.9, shock=0.4, drift=0.03),
    "stockpiled": Scenario(stockpiling=0.5, promotion=0.25),
    "rivals": Scenario(rivals=0.5, promotion=0.25),
    "endogenous": Scenario(endogeneity=0.3, common=0.3),
    "churn": Scenario(churn=0.6, missing=0.15, dates=True),
    "seasonal": Scenario(season=0.8, fractional=True),
    "local": Scenario(chain_wide=0.1, promotion=0.1, depth=0.2, shock=0.6),
    "wide": Scenario(stores=8, products=1600, weeks=125, level=1.0),
}


def draw(scenario: Scenario, rng: np.random.Generator) -> tuple[Values, Values]:
    """Prices and units, (weeks, stores, products) each; NaN price where there is no row."""
    s = scenario
    shape = (s.weeks, s.stores, s.products)
    elasticity = rng.normal(s.elasticity, s.spread, s.products)
    shared = rng.random((s.weeks, 1, s.products)) < s.promotion * s.chain_wide
    local = rng.random(shape) < s.promotion * (1 - s.chain_wide)
    cuts = np.where(shared, rng.uniform(0.05, s.depth, (s.weeks, 1, s.products)), 0.0)
    cuts = np.maximum(cuts, np.where(local, rng.uniform(0.05, s.depth, shape), 0.0))
    news = rng.normal(0, s.common, (s.weeks, 1, s.products))
    regular = rng.normal(0, 0.02, (s.weeks // 26 + 1, 1, s.products)).cumsum(0).repeat(26, 0)
    level_price = rng.normal(1.0, 0.5, s.products) + rng.normal(0, 0.03, (s.stores, s.products))
    price = level_price + regular[: s.weeks] + np.log1p(-cuts) + s.endogeneity * news
    shock = rng.normal(0, s.shock, shape)
    for now in range(1, s.weeks):
        shock[now] = s.memory * shock[now - 1] + (1 - s.memory**2) ** 0.5 * shock[now]
    week = np.arange(s.weeks)[:, None, None]
    phase = rng.uniform(0, 2 * np.pi, (1, 1, s.products))
    log_units = (
        rng.normal(s.level, 0.9, (1, s.stores, s.products))
        + elasticity * (price - level_price) + shock + news
        + s.season * np.sin(2 * np.pi * week / 52 + phase) * 0.7
        + s.season * 0.5 * (np.exp(-(((week % 52) - 50) ** 2) / 4))
        + s.feature * shared + rng.normal(0, s.drift, shape).cumsum(0)
    )  # fmt: skip
    lift = np.maximum(0, elasticity * np.log1p(-cuts))
    log_units[1:] -= s.stockpiling * lift[:-1]
    if s.rivals:
        log_units -= s.rivals * ((cuts > 0).mean(axis=2, keepdims=True) * 4) * (cuts == 0)
    mean = np.exp(np.clip(log_units, -8, 9))
    units = rng.gamma(mean * 2, 0.5) if s.fractional else rng.poisson(mean).astype(float)
    price = np.round(np.exp(price), 2)
    gone = rng.random(shape) < s.missing
    if s.churn:
        moves = rng.random((1, s.stores, s.products)) < s.churn
        start = np.where(moves, rng.integers(0, s.weeks, moves.shape), 0)
        length = np.where(moves, rng.integers(10, s.weeks, moves.shape), s.weeks)
        gone |= (week < start) | (week >= start + length)
    return np.where(gone, np.nan, np.maximum(price, 0.01)), np.round(units, 3)


def write(path: Path, scenario: Scenario, seed: int) -> int:
    """Write a drawn panel as CSV; how many rows it has."""
    rng = np.random.default_rng(seed)
    price, units = draw(scenario, rng)
    week, store, product = np.nonzero(np.isfinite(price))
    prices, sold = price[week, store, product], units[week, store, product]
    days = np.datetime64("1989-09-14") + 7 * np.arange(scenario.weeks)
    labels = np.datetime_as_string(days) if scenario.dates else np.arange(1, scenario.weeks + 1)
    whole = "%g" if scenario.fractional else "%d"
    with path.open("w") as file:
        file.write("store,product,week,price,units\n")
        for row in zip(store, product, labels[week], prices, sold, strict=True):
            file.write(f"s{row[0]},upc {row[1]:05d},{row[2]},{row[3]:.2f},{whole % row[4]}\n")
    return len(week)


def main() -> None:
    """Draw, evaluate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_600_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*", default=list(SCENARIOS))
    options = parser.parse_args()
    for name in options.names:
        scenario = SCENARIOS[name]
        full = scenario.stores * scenario.products * scenario.weeks
        stores = max(4, round(scenario.stores * options.rows / full))
        with tempfile.TemporaryDirectory() as folder:
            path, out = Path(folder) / "panel.csv", Path(folder) / "out.json"
            rows = write(path, replace(scenario, stores=stores), options.seed)
            command = [
                sys.executable,
                "manage.py",
                "evaluate_demand_model",
                f"{path}",
                f"--json={out}",
            ]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            found = json.loads(out.read_text())
        wape = found["wape"]
        print(
            f"{name:<12} {rows:>9,} rows  elasticity {found['elasticity']['value']:6.2f}"
            f" ({scenario.elasticity:.1f})  WAPE model {wape['model']:.3f}"
            f"  naive {wape['naive']:.3f}  moving average {wape['moving_average']:.3f}"
            f"  {found['seconds']:5.1f} s  {found.get('details', {}).get('model', '')}", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
