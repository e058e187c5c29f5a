"""Rules, signals, proposals, and the history of every price that was in force."""

from pricing.models.audit import PricingAction
from pricing.models.controls import PriceFreeze, PricingSwitch, PriorPricePolicy
from pricing.models.demand import DemandSignal
from pricing.models.estimates import DemandEstimate, DemandFit
from pricing.models.history import Basis, PriceHistory, PriceHistoryQuerySet
from pricing.models.looking import DueProduct, LastRound
from pricing.models.proposals import PriceProposal, PriceProposalQuerySet
from pricing.models.rules import PricingRule, PricingRuleQuerySet

__all__ = [
    "Basis",
    "DemandEstimate",
    "DemandFit",
    "DemandSignal",
    "DueProduct",
    "LastRound",
    "PriceFreeze",
    "PriceHistory",
    "PriceHistoryQuerySet",
    "PriceProposal",
    "PriceProposalQuerySet",
    "PricingAction",
    "PricingRule",
    "PricingRuleQuerySet",
    "PricingSwitch",
    "PriorPricePolicy",
]
