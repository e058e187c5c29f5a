"""The steps of a rule as data: what they may hold, checked before they are kept.

A step is `{"when": [condition, ..], "change": "0.03" | "to_list": true, "reason"?}`: where all its
conditions hold (none: always), the price moves by that fraction, or back to list price. A condition
is `{"signal", "op", "value"}`; one on a signal that is not known does not hold.
"""

from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any

SIGNALS = (
    "views_per_hour",
    "carts_per_hour",
    "purchases_per_day",
    "purchases_week_average",
    "demand_ratio",
    "conversion",
    "days_of_cover",
    "stock",
    "price_to_list",
)
OPERATORS = ("<", "<=", ">", ">=", "==")
MOST_STEPS = 50
MOST_CONDITIONS = 10
MAX_REASON = 200


class StepError(ValueError):
    """What is wrong with the steps of a rule, and where (JSON pointer)."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer = pointer


def check_steps(value: Any) -> None:
    """Raise StepError where `value` can't be the steps of a rule."""
    if not isinstance(value, list) or len(value) > MOST_STEPS:
        raise StepError("", f"give a list of at most {MOST_STEPS} steps.")
    for index, step in enumerate(value):
        _check_step(f"/{index}", step)


def _check_step(pointer: str, step: Any) -> None:
    _check_object(pointer, step, {"when", "change", "to_list", "reason"})
    if ("change" in step) == ("to_list" in step):
        raise StepError(pointer, "give either change or to_list.")
    if "to_list" in step and step["to_list"] is not True:
        raise StepError(f"{pointer}/to_list", "give true.")
    if "change" in step:
        _check_change(f"{pointer}/change", step["change"])
    reason = step.get("reason", "")
    if not isinstance(reason, str) or len(reason) > MAX_REASON:
        raise StepError(f"{pointer}/reason", f"give a text of at most {MAX_REASON} characters.")
    conditions = step.get("when", [])
    if not isinstance(conditions, list) or len(conditions) > MOST_CONDITIONS:
        raise StepError(f"{pointer}/when", f"give a list of at most {MOST_CONDITIONS} conditions.")
    for index, condition in enumerate(conditions):
        _check_condition(f"{pointer}/when/{index}", condition)


def _check_change(pointer: str, value: Any) -> None:
    try:
        change = Decimal(value) if isinstance(value, str) and len(value) <= 20 else None
    except InvalidOperation:
        change = None
    if change is None or not change.is_finite() or not -1 < change <= 1:
        raise StepError(pointer, 'give a fraction as a decimal text, such as "0.03" or "-0.05".')


def _check_condition(pointer: str, value: Any) -> None:
    _check_object(pointer, value, {"signal", "op", "value"})
    if value.get("signal") not in SIGNALS:
        raise StepError(f"{pointer}/signal", f"give one of: {', '.join(SIGNALS)}.")
    if value.get("op") not in OPERATORS:
        raise StepError(f"{pointer}/op", f"give one of: {', '.join(OPERATORS)}.")
    bound = value.get("value")
    if isinstance(bound, bool) or not isinstance(bound, int | float) or abs(bound) > 10**9:
        raise StepError(f"{pointer}/value", "give a number.")


def _check_object(pointer: str, value: Any, known: Collection[str]) -> None:
    if not isinstance(value, dict):
        raise StepError(pointer, "give an object.")
    for name in value:
        if name not in known:
            raise StepError(pointer, f"unknown member. Known: {', '.join(sorted(known))}.")
