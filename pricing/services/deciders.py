"""The deciders by name: what wants prices, behind one interface."""

from collections.abc import Mapping
from datetime import datetime

from pricing.algorithms.deciders import RuleEngine
from pricing.algorithms.decisions import Decider


def load_deciders(slot: datetime) -> Mapping[str, Decider]:  # noqa: ARG001 - models are fitted up to it
    """The deciders as of `slot`, by the name that rules give."""
    return {"rules": RuleEngine()}
