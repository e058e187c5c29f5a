"""The demand model: the price of best expected margin or revenue, as far as demand is known.

Demand is rate * (price / list price) ** elasticity. Margin (price - cost) * demand is greatest at
cost * e / (1 + e) for an elasticity e below -1, and grows without end above: so the search stays
near prices that were tried. What is not known counts: the expectation is over the posterior of the
elasticity, and a step is the smaller the less sure it is to gain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.decisions import Inputs, Proposed, RuleTerms, Situation

Values = NDArray[np.float64]

# Prices to list price that are looked at: no history says much of what lies beyond.
RATIOS = np.linspace(0.6, 1.4, 161)
POINTS = 15
STEEPEST, FLATTEST = -8.0, -0.2
CAUTION = 0.25  # standard deviations of the gain that must be made good before a price moves
LEAST_GAIN = 0.002  # of what is earned now: less is not worth a change
UNKNOWN_COST = Decimal("0.6")  # of list price; only to look for revenue it isn't needed


@dataclass(frozen=True, slots=True)
class Response:
    """What is known of a product's demand; `rate` is units a day at list price."""

    elasticity: float
    error: float
    rate: float
    is_borrowed: bool
    days: float = 0.0


@dataclass(frozen=True, slots=True)
class DemandModel:
    """Decides by `responses`, by product id; products it doesn't know are left alone.

    `seed` names the draws of exploration: the same seed, rule and situation give the same price.
    """

    responses: Mapping[int, Response]
    seed: int = 0
    fallback: Mapping[int, Response] = field(default_factory=dict)  # by category id

    def decide(self, situations: Sequence[Situation], terms: RuleTerms) -> list[Proposed | None]:
        """One answer for each situation; None where the price is as good as any that is known."""
        return [self._decide(situation, terms) for situation in situations]

    def _decide(self, situation: Situation, terms: RuleTerms) -> Proposed | None:
        response = self.responses.get(situation.product_id)
        if response is None and situation.category_id is not None:
            response = self.fallback.get(situation.category_id)
        needs_cost = terms.objective == "margin" and situation.cost is None
        if response is None or needs_cost or situation.list_price <= 0 or situation.price <= 0:
            return None
        if terms.may_explore:
            return _explore(situation, terms, response, self.seed)
        return _exploit(situation, terms, response)


def _exploit(situation: Situation, terms: RuleTerms, response: Response) -> Proposed | None:
    elasticities, weights = spread_of(response)
    now, gains, doubt = _gains(situation, terms, elasticities, weights)
    sure = gains - CAUTION * doubt
    best = int(sure.argmax())
    if sure[best] <= LEAST_GAIN * max(abs(now), 1e-12):
        return None
    return _propose(situation, terms, response, float(RATIOS[best]), explores=False)


def _explore(
    situation: Situation, terms: RuleTerms, response: Response, seed: int
) -> Proposed | None:
    """Thompson sampling: the best price for one elasticity drawn from what is believed."""
    rng = np.random.default_rng([seed, terms.rule_id, terms.version, situation.variant_id])
    drawn = np.clip(rng.normal(response.elasticity, response.error), STEEPEST, FLATTEST)
    now, gains, _ = _gains(situation, terms, np.array([drawn]), np.ones(1))
    best = int(gains.argmax())
    if gains[best] <= LEAST_GAIN * max(abs(now), 1e-12):
        return None
    chosen = _propose(situation, terms, response, float(RATIOS[best]), explores=True)
    inputs = {**chosen.inputs, "drawn_elasticity": round(float(drawn), 3), "seed": seed}
    reason = f"explores: best if the elasticity is {drawn:.2f}, as may be"
    return Proposed(chosen.price, (reason, *chosen.reasons), inputs, chosen.expected, explores=True)


def spread_of(response: Response) -> tuple[Values, Values]:
    """Elasticities that may be true (POINTS,), and their weights: Gauss-Hermite, held plausible."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(POINTS)
    values = np.clip(response.elasticity + response.error * nodes, STEEPEST, FLATTEST)
    return values, weights / weights.sum()


def _gains(
    situation: Situation, terms: RuleTerms, elasticities: Values, weights: Values
) -> tuple[float, Values, Values]:
    """What is earned now per unit of rate, and gain and its standard deviation at RATIOS."""
    now = float(situation.price / situation.list_price)
    cost = _cost_ratio(situation, terms)

    def earned(ratios: Values) -> Values:
        result: Values = (ratios[:, None] - cost) * ratios[:, None] ** elasticities
        return result

    current = earned(np.array([now]))
    difference = earned(RATIOS) - current
    gain = difference @ weights
    doubt = np.sqrt(np.maximum(0.0, (difference**2) @ weights - gain**2))
    return float((current @ weights)[0]), gain, doubt


def _cost_ratio(situation: Situation, terms: RuleTerms) -> float:
    if terms.objective == "revenue" or situation.cost is None:
        return 0.0
    return float(situation.cost / situation.list_price)


def _propose(
    situation: Situation, terms: RuleTerms, response: Response, ratio: float, *, explores: bool
) -> Proposed:
    price = (situation.list_price * Decimal(repr(ratio))).quantize(Decimal("0.0001"))
    now, then = expected_effect(situation, response), expected_effect(situation, response, price)
    expected: Inputs = {
        **{name: round(value, 4) for name, value in then.items()},
        **{f"{name}_now": round(value, 4) for name, value in now.items()},
    }
    inputs: Inputs = {
        "elasticity": round(response.elasticity, 3),
        "elasticity_error": round(response.error, 3),
        "units_per_day_at_list_price": round(response.rate, 4),
        "price_to_list": round(float(situation.price / situation.list_price), 4),
        "cost_to_list": None
        if situation.cost is None
        else round(float(situation.cost / situation.list_price), 4),
        "is_borrowed": response.is_borrowed,
    }
    return Proposed(price, _reasons(terms, response, now, then), inputs, expected, explores)


def expected_effect(
    situation: Situation, response: Response, price: Decimal | None = None
) -> dict[str, float]:
    """Units, revenue and margin a day at `price`, or at the price in force."""
    charged = situation.price if price is None else price
    ratio = float(charged / situation.list_price)
    elasticities, weights = spread_of(response)
    units = response.rate * float((ratio**elasticities) @ weights)
    effect = {"units_per_day": units, "revenue_per_day": units * float(charged)}
    if situation.cost is not None:
        effect["margin_per_day"] = units * float(charged - situation.cost)
    return effect


def _reasons(
    terms: RuleTerms, response: Response, now: Mapping[str, float], then: Mapping[str, float]
) -> tuple[str, ...]:
    name = f"{terms.objective}_per_day"
    told = name if name in then else "revenue_per_day"
    change = (then[told] / now[told] - 1) if now[told] > 0 else 0.0
    whose = (
        "borrowed from its category: too little was sold at other prices"
        if response.is_borrowed
        else "from its own sales and its category's"
    )
    return (
        f"expected {told.split('_')[0]} {change:+.1%}",
        f"elasticity {response.elasticity:.2f} ± {response.error:.2f}, {whose}",
    )
