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
RATIOS = np.linspace(0.6, 1.4, 81)
# Gauss-Hermite points and weights: elasticities that may be true, in standard errors.
NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
STEEPEST, FLATTEST = -8.0, -0.2
CAUTION = 0.25  # standard deviations of the gain that must be made good before a price moves
LEAST_GAIN = 0.002  # of what is earned now: less is not worth a change
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Response:
    """What is known of a product's demand; `rate` is units a day at list price."""

    elasticity: float
    error: float
    rate: float
    is_borrowed: bool


@dataclass(frozen=True, slots=True)
class DemandModel:
    """Decides by `responses`, by product id, or else by `fallback`, by category id.

    Products of neither are left alone. `seed` names the draws of exploration: the same seed, rule
    version and variant give the same price.
    """

    responses: Mapping[int, Response]
    seed: int = 0
    fallback: Mapping[int, Response] = field(default_factory=dict)

    def decide(self, situations: Sequence[Situation], terms: RuleTerms) -> list[Proposed | None]:
        """One answer for each situation; None where the price is as good as any that is known."""
        answers: list[Proposed | None] = [None] * len(situations)
        known = [
            (place, situation, response)
            for place, situation in enumerate(situations)
            if (response := self.response_of(situation)) and _is_decidable(situation, terms)
        ]
        for part in _chunks(known):
            for (place, *_), answer in zip(part, self._decide(part, terms), strict=True):
                answers[place] = answer
        return answers

    def response_of(self, situation: Situation) -> Response | None:
        """What is known of the product, or borrowed from its category; None: nothing."""
        own = self.responses.get(situation.product_id)
        return own or self.fallback.get(situation.category_id or 0)

    def _decide(self, part: Sequence["Known"], terms: RuleTerms) -> list[Proposed | None]:
        drawn = _draw(part, terms, self.seed) if terms.may_explore else None
        best, worth = _search(part, terms, drawn)
        return [
            _propose(situation, terms, response, float(RATIOS[at]), seed=self.seed, drawn=chosen)
            if pays
            else None
            for (_, situation, response), at, pays, chosen in zip(
                part, best.tolist(), worth.tolist(),
                [None] * len(part) if drawn is None else drawn.tolist(), strict=True,
            )
        ]  # fmt: skip


Known = tuple[int, Situation, Response]


def _chunks(known: list[Known]) -> list[list[Known]]:
    return [known[start : start + CHUNK] for start in range(0, len(known), CHUNK)]


def _is_decidable(situation: Situation, terms: RuleTerms) -> bool:
    needs_cost = terms.objective == "margin" and situation.cost is None
    return situation.list_price > 0 and situation.price > 0 and not needs_cost


def _draw(part: Sequence[Known], terms: RuleTerms, seed: int) -> Values:
    """Thompson sampling: an elasticity of each, from what is believed of it (n,)."""
    return np.array(
        [
            np.random.default_rng([seed, terms.rule_id, terms.version, situation.variant_id])
            .normal(response.elasticity, response.error)
            for _, situation, response in part
        ]
    ).clip(STEEPEST, FLATTEST)  # fmt: skip


def _search(
    part: Sequence[Known], terms: RuleTerms, drawn: Values | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The best place in RATIOS of each situation, and whether going there pays: (n,)."""
    now = np.array([float(s.price / s.list_price) for _, s, _ in part])
    cost = np.array([_cost_ratio(s, terms) for _, s, _ in part])[:, None, None]
    if drawn is None:
        elasticity, weights = _believed([response for _, _, response in part]), WEIGHTS
    else:
        elasticity, weights = drawn[:, None], np.ones(1)
    exponent = elasticity[:, None, :]  # (n, 1, points)
    current = (now[:, None, None] - cost) * now[:, None, None] ** exponent
    gains = (RATIOS[:, None] - cost) * np.exp(np.log(RATIOS)[:, None] * exponent) - current
    mean = gains @ weights
    doubt = np.sqrt(np.maximum(0.0, (gains**2) @ weights - mean**2))
    sure = mean - CAUTION * doubt
    best = sure.argmax(axis=1)
    earned = np.abs(current[:, 0, :] @ weights)
    pays = sure[np.arange(len(best)), best] > LEAST_GAIN * np.maximum(earned, 1e-12)
    return best, pays


def _believed(responses: Sequence[Response]) -> Values:
    """Elasticities that may be true of each (n, points), held plausible."""
    means = np.array([response.elasticity for response in responses])
    errors = np.array([response.error for response in responses])
    return np.clip(means[:, None] + errors[:, None] * NODES, STEEPEST, FLATTEST)


def _cost_ratio(situation: Situation, terms: RuleTerms) -> float:
    if terms.objective == "revenue" or situation.cost is None:
        return 0.0
    return float(situation.cost / situation.list_price)


def _propose(  # noqa: PLR0913 - what was decided, and how
    situation: Situation,
    terms: RuleTerms,
    response: Response,
    ratio: float,
    *,
    seed: int,
    drawn: float | None,
) -> Proposed:
    price = round(situation.list_price * Decimal(f"{ratio:.4f}"), 4)
    now, then = expected_effect(situation, response), expected_effect(situation, response, price)
    expected: Inputs = {
        **{name: round(value, 4) for name, value in then.items()},
        **{f"{name}_now": round(value, 4) for name, value in now.items()},
    }
    inputs: dict[str, float | int | str | bool | None] = {
        "elasticity": round(response.elasticity, 3),
        "elasticity_error": round(response.error, 3),
        "units_per_day_at_list_price": round(response.rate, 4),
        "price_to_list": round(float(situation.price / situation.list_price), 4),
        "is_borrowed": response.is_borrowed,
    }
    reasons = _reasons(terms, response, now, then)
    if drawn is not None:
        inputs |= {"drawn_elasticity": round(drawn, 3), "seed": seed}
        reasons = (f"explores: best if the elasticity is {drawn:.2f}, as may be", *reasons)
    return Proposed(price, reasons, inputs, expected, explores=drawn is not None)


def expected_effect(
    situation: Situation, response: Response, price: Decimal | None = None
) -> dict[str, float]:
    """Units, revenue and margin a day at `price`, or at the price in force."""
    charged = situation.price if price is None else price
    return effect_at(situation, response, float(charged))


def effect_at(situation: Situation, response: Response, price: float) -> dict[str, float]:
    """Units, revenue and, where there is a cost, margin a day at `price`."""
    ratio = price / float(situation.list_price)
    spread = np.clip(response.elasticity + response.error * NODES, STEEPEST, FLATTEST)
    units = response.rate * float((ratio**spread) @ WEIGHTS)
    effect = {"units_per_day": units, "revenue_per_day": units * price}
    if situation.cost is not None:
        effect["margin_per_day"] = units * (price - float(situation.cost))
    return effect


def _reasons(
    terms: RuleTerms, response: Response, now: Mapping[str, float], then: Mapping[str, float]
) -> tuple[str, ...]:
    name = f"{terms.objective}_per_day"
    change = (then[name] - now[name]) / abs(now[name]) if now[name] else 0.0
    whose = (
        "borrowed from its category: too little was sold at other prices"
        if response.is_borrowed
        else "from its own sales and its category's"
    )
    return (
        f"expected {terms.objective} {change:+.1%}",
        f"elasticity {response.elasticity:.2f} ± {response.error:.2f}, {whose}",
    )
