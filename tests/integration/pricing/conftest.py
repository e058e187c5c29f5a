"""What pricing's tests share: a decider that wants what the test says."""

from decimal import Decimal

import pytest

from pricing.algorithms.decisions import Proposed


class Wants:
    """Wants `price` for every variant."""

    def __init__(self, price):
        self.price = Decimal(price)

    def decide(self, situations, _terms):
        proposed = Proposed(self.price, ("the test says so",), {"views_per_hour": 3.0})
        return [proposed] * len(situations)


@pytest.fixture
def decide(monkeypatch):
    """Run a round in which the rule engine wants `price` for everything."""
    from pricing.services import deciding  # noqa: PLC0415 - settings come first

    def run(price):
        monkeypatch.setattr(deciding, "load_deciders", lambda _slot: {"rules": Wants(price)})
        return deciding.decide_prices()

    return run


@pytest.fixture
def variant():
    """One at 100.00 USD that costs 50."""
    from tests.factories.catalogue import make_product  # noqa: PLC0415 - the same

    return make_product("mug", list_price=Decimal(100), cost=Decimal(50)).variants.get()
