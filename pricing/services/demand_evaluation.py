"""Evaluate what is understood of demand on a panel from a file."""

import time
from dataclasses import dataclass
from pathlib import Path

from pricing.algorithms.demand.evaluation import (
    Elasticities,
    Wape,
    estimate_elasticities,
    evaluate_forecasts,
)
from pricing.algorithms.demand.panels import LeftOut, ThinPanelError
from pricing.exceptions import UnreadablePanelError
from pricing.services.panel_files import read_panel


@dataclass(frozen=True, slots=True)
class DemandEvaluation:
    """What was found in a panel of `rows` usable rows."""

    elasticities: Elasticities
    wape: Wape
    rows: int
    left_out: LeftOut
    seconds: float


def evaluate_panel(path: Path) -> DemandEvaluation:
    """Read, estimate, forecast. UnreadablePanelError where the file is no panel that allows it."""
    began = time.monotonic()
    panel, left_out = read_panel(path)
    if not len(panel):
        raise UnreadablePanelError(f"{path}: no row has both a price and a count of units.")
    try:
        wape = evaluate_forecasts(panel)
        elasticities = estimate_elasticities(panel)
    except ThinPanelError as error:
        raise UnreadablePanelError(f"{path}: {error}.") from None
    return DemandEvaluation(elasticities, wape, len(panel), left_out, time.monotonic() - began)
