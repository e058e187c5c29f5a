"""What wants prices: the rule engine and the demand model, behind one interface."""

from pricing.algorithms.deciders.model import DemandModel
from pricing.algorithms.deciders.rules import RuleEngine

__all__ = ["DemandModel", "RuleEngine"]
