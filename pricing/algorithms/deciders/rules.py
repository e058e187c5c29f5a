"""The rule engine: steps that are data, the first whose conditions hold decides."""

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pricing.algorithms.decisions import Inputs, Proposed, RuleTerms, Situation

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


class RuleEngine:
    """Moves a price by the step whose conditions hold on the product's signals."""

    def decide(self, situations: Sequence[Situation], terms: RuleTerms) -> list[Proposed | None]:
        """One answer for each situation; None where no step holds, or it changes nothing."""
        return [_decide(situation, terms.steps) for situation in situations]


def _decide(situation: Situation, steps: Sequence[Mapping[str, Any]]) -> Proposed | None:
    known = known_signals(situation)
    for number, step in enumerate(steps, 1):
        conditions = step.get("when", [])
        if all(holds(condition, known) for condition in conditions):
            return _apply(situation, step, number, known)
    return None


def known_signals(situation: Situation) -> dict[str, float]:
    """The numbers that a condition may ask for; what is not known is not there."""
    told = {name: value for name, value in situation.signals.items() if _is_number(value)}
    known = {name: float(value) for name, value in told.items() if value is not None}
    if situation.stock is not None:
        known["stock"] = float(situation.stock)
    if situation.list_price > 0:
        known["price_to_list"] = float(situation.price / situation.list_price)
    return known


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def holds(condition: Mapping[str, Any], known: Mapping[str, float]) -> bool:
    """Whether a condition is true; on what is not known, none is."""
    value = known.get(condition["signal"])
    return value is not None and COMPARE[condition["op"]](value, float(condition["value"]))


def _apply(
    situation: Situation, step: Mapping[str, Any], number: int, known: Mapping[str, float]
) -> Proposed | None:
    back = bool(step.get("to_list"))
    factor = Decimal(1) if back else 1 + Decimal(step["change"])
    price = situation.list_price if back else situation.price * factor
    if price == situation.price:
        return None
    inputs: Inputs = {
        condition["signal"]: known[condition["signal"]] for condition in step.get("when", [])
    }
    return Proposed(price, _reasons(step, number, known), inputs)


def _reasons(step: Mapping[str, Any], number: int, known: Mapping[str, float]) -> tuple[str, ...]:
    change = "back to list price" if step.get("to_list") else f"{Decimal(step['change']):+.1%}"
    facts = [
        f"{c['signal'].replace('_', ' ')} is {known[c['signal']]:.4g}, {c['op']} {c['value']:g}"
        for c in step.get("when", [])
    ]
    said = step.get("reason") or f"step {number}"
    return (f"{said}: {change}", *facts)
