"""The deciders by name: what wants prices, behind one interface."""

from collections.abc import Mapping
from datetime import datetime

from pricing.algorithms.deciders import DemandModel, RuleEngine
from pricing.algorithms.decisions import Decider
from pricing.selectors.demand import load_learnt


def load_deciders(slot: datetime) -> Mapping[str, Decider]:
    """The deciders as of `slot`, by the name that rules give.

    Before the first fit the demand model knows nothing and leaves every price alone. Exploration
    draws anew each slot; the seed stands in the proposal.
    """
    learnt = load_learnt(slot)
    products, categories = (learnt.products, learnt.categories) if learnt else ({}, {})
    model = DemandModel(products, fallback=categories, seed=int(slot.timestamp()))
    return {"rules": RuleEngine(), "model": model}
