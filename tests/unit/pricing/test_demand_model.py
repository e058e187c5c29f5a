"""The demand model: the best price that is known, carefully, and never without what it needs."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.algorithms.deciders.model import RATIOS, DemandModel, Response
from pricing.algorithms.decisions import RuleTerms, Situation

MARGIN = RuleTerms(1, "model", 1, "model", objective="margin")
REVENUE = RuleTerms(1, "model", 1, "model", objective="revenue")
EXPLORES = RuleTerms(1, "model", 1, "model", objective="margin", may_explore=True)


def situation(price="10", cost="5", **fields):
    defaults = {"variant_id": 1, "product_id": 1, "category_id": 2, "brand_id": None,
                "list_price": Decimal(10), "stock": None, "currency": "USD"}  # fmt: skip
    cost = None if cost is None else Decimal(cost)
    return Situation(**defaults | {"price": Decimal(price), "cost": cost} | fields)


def response(elasticity=-3.0, error=0.01, rate=2.0, *, is_borrowed=False):
    return Response(elasticity, error, rate, is_borrowed)


def decide(one, terms=MARGIN, known=None, **options):
    return DemandModel({1: known or response()}, **options).decide([one], terms)[0]


def test_margin_is_greatest_at_lerners_price():
    """cost * e / (1 + e): 5 * 3 / 2."""
    assert decide(situation()).price == pytest.approx(Decimal("7.5"), abs=Decimal("0.06"))


def test_revenue_of_elastic_demand_wants_the_lowest_price_that_is_looked_at():
    found = decide(situation(cost=None), REVENUE)
    assert found.price == Decimal(10) * Decimal(repr(float(RATIOS[0])))
    assert found.expected["revenue_per_day"] > found.expected["revenue_per_day_now"]


def test_a_price_that_is_best_already_is_left_alone():
    assert decide(situation("7.5")) is None


def test_the_effect_is_told_beside_what_is_expected_now():
    found = decide(situation())
    assert found.expected["units_per_day_now"] == pytest.approx(2.0)
    assert found.expected["margin_per_day_now"] == pytest.approx(10.0, rel=0.01)
    assert found.expected["margin_per_day"] == pytest.approx(2.5 * 2 * 0.75**-3, rel=0.01)
    assert found.reasons[0].startswith("expected margin +18")


def test_doubt_keeps_prices_nearer_to_what_is_charged():
    sure = decide(situation(), known=response(error=0.05))
    unsure = decide(situation(), known=response(error=0.8))
    assert sure.price < unsure.price <= Decimal(10)


def test_no_doubt_is_small_enough_to_leave_what_was_ever_tried():
    """Demand that hardly answers: the best price has no end, but the search has."""
    found = decide(situation(), known=response(-0.4))
    assert found.price <= Decimal(10) * Decimal(repr(float(RATIOS[-1])))


def test_without_a_cost_there_is_no_margin_to_make_the_most_of():
    assert decide(situation(cost=None)) is None


def test_a_product_without_history_borrows_from_its_category_and_says_so():
    model = DemandModel({}, fallback={2: response(is_borrowed=True)})
    found = model.decide([situation()], MARGIN)[0]
    assert "borrowed from its category" in found.reasons[1]
    assert found.inputs["is_borrowed"] is True
    assert model.decide([situation(category_id=9)], MARGIN) == [None]


def test_it_explores_only_where_the_rule_allows_and_the_same_seed_draws_the_same():
    known = response(-2.5, 0.5)
    prices = [decide(situation(), EXPLORES, known, seed=seed) for seed in (1, 1, 2)]
    assert prices[0] == prices[1]
    assert prices[0].inputs["drawn_elasticity"] != prices[2].inputs["drawn_elasticity"]
    assert prices[0].explores
    assert prices[0].inputs["seed"] == 1
    assert not decide(situation(), MARGIN, known, seed=1).explores


def test_exploration_tries_prices_on_both_sides_of_the_best_known():
    known = response(-2.5, 0.5)
    found = [decide(situation(), EXPLORES, known, seed=seed) for seed in range(40)]
    drawn = np.array([float(one.price) for one in found if one])
    best = float(decide(situation(), MARGIN, response(-2.5)).price)
    assert (drawn < best).any()
    assert (drawn > best).any()


@given(
    elasticity=st.floats(-12, 3), error=st.floats(0, 5), rate=st.floats(0, 1e6),
    price=st.decimals("0.01", "1000", places=2), cost=st.decimals("0", "900", places=2),
    list_price=st.decimals("0.01", "1000", places=2),
    terms=st.sampled_from([MARGIN, REVENUE, EXPLORES]),
)  # fmt: skip
def test_whatever_is_believed_a_proposal_is_a_price_that_is_expected_to_gain(
    elasticity, error, rate, price, cost, list_price, terms
):
    one = situation(str(price), str(cost), list_price=list_price)
    found = decide(one, terms, Response(elasticity, error, rate, False))
    if found is None:
        return
    assert list_price * Decimal("0.59") <= found.price <= list_price * Decimal("1.41")
    if terms is not EXPLORES:
        name = f"{terms.objective}_per_day"
        assert found.expected[name] >= found.expected[f"{name}_now"] - 1e-3
