"""The rule engine: the first step whose conditions hold on known signals decides, and says why."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.algorithms.conditions import OPERATORS, SIGNALS, check_steps
from pricing.algorithms.deciders import RuleEngine
from pricing.algorithms.deciders.rules import COMPARE
from pricing.algorithms.decisions import RuleTerms, Situation


def situation(price="10", signals=None, **fields):
    defaults = {"variant_id": 1, "product_id": 1, "category_id": 1, "brand_id": None,
                "list_price": Decimal(10), "cost": Decimal(5), "stock": 7,
                "currency": "USD"}  # fmt: skip
    return Situation(**defaults | {"price": Decimal(price), "signals": signals or {}} | fields)


def terms(*steps):
    check_steps(list(steps))
    return RuleTerms(1, "rule", 1, "rules", steps)


def when(signal, op, value):
    return {"signal": signal, "op": op, "value": value}


def decide(given, *steps):
    return RuleEngine().decide([given], terms(*steps))[0]


SCARCE = {"when": [when("days_of_cover", "<", 7)], "change": "0.03", "reason": "sells out"}
SLOW = {"when": [when("demand_ratio", "<", 0.5), when("stock", ">", 5)], "change": "-0.05"}
BACK = {"to_list": True}


def test_the_first_step_that_holds_decides_and_says_why():
    found = decide(situation(signals={"days_of_cover": 3.5, "demand_ratio": 0.2}), SCARCE, SLOW)
    assert found.price == Decimal("10.30")
    assert found.reasons == ("sells out: +3.0%", "days of cover is 3.5, < 7")
    assert found.inputs == {"days_of_cover": 3.5}
    assert not found.explores


def test_all_conditions_of_a_step_must_hold():
    assert decide(situation(signals={"demand_ratio": 0.2}), SLOW).price == Decimal("9.50")
    assert decide(situation(signals={"demand_ratio": 0.2}, stock=3), SLOW) is None


@pytest.mark.parametrize("signals", [{}, {"days_of_cover": None}])
def test_a_signal_that_is_not_known_never_holds(signals):
    assert decide(situation(signals=signals), SCARCE) is None
    assert decide(situation(signals=signals, stock=None), SLOW) is None


def test_to_list_price_and_no_step():
    assert decide(situation("9"), SCARCE, BACK).price == Decimal(10)
    assert decide(situation("10"), BACK) is None
    assert decide(situation("10")) is None


def test_the_price_itself_can_be_a_condition():
    step = {"when": [when("price_to_list", "<", 0.95)], "change": "0.02"}
    assert decide(situation("9"), step).price == Decimal("9.18")
    assert decide(situation("10"), step) is None


def test_every_operator_that_a_rule_may_hold_is_known():
    assert set(COMPARE) == set(OPERATORS)


@given(
    signals=st.dictionaries(st.sampled_from(SIGNALS), st.none() | st.floats(-1e6, 1e6)),
    ops=st.lists(st.tuples(st.sampled_from(SIGNALS), st.sampled_from(OPERATORS),
                           st.floats(-1e6, 1e6)), max_size=4),
    change=st.decimals("-0.99", "1", places=4),
)  # fmt: skip
def test_any_rule_that_may_be_kept_can_be_applied(signals, ops, change):
    step = {"when": [when(*op) for op in ops], "change": str(change)}
    found = decide(situation(signals=signals), step)
    assert found is None or found.price == Decimal(10) * (1 + change)
