"""A whole round of pricing in the foreground: signals, what is known of demand, decisions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pricing.services.deciding import decide_prices
from pricing.services.fitting import fit_demand
from pricing.services.signals import aggregate_signals


@dataclass(frozen=True, slots=True)
class Round:
    """How many products' signals changed, the shop's elasticity, and what came of deciding."""

    signals: int
    elasticity: float
    decided: dict[str, Any]


def run_round(as_of: datetime) -> Round:
    """Aggregate, learn and decide as of `as_of`, as the tasks do by the clock."""
    signals = aggregate_signals(as_of)
    fit = fit_demand(signals.slot)  # decisions look at what was known when their slot ended
    return Round(signals.changed, fit.elasticity, decide_prices(as_of))
