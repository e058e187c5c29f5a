"""Prices in the admin: the queue of proposals, timelines, rules, and the kill switch."""

from pricing.admin.control import FreezeAdmin, PolicyAdmin, SwitchAdmin
from pricing.admin.history import ActionAdmin, HistoryAdmin
from pricing.admin.proposals import ProposalAdmin
from pricing.admin.rules import RuleAdmin

__all__ = [
    "ActionAdmin",
    "FreezeAdmin",
    "HistoryAdmin",
    "PolicyAdmin",
    "ProposalAdmin",
    "RuleAdmin",
    "SwitchAdmin",
]
