"""When a shopper is about to need again what they bought."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

# A purchase on the same day is not a new need.
LEAST_DAYS = 1.0
# Where neither shopper nor product tells an interval: a guess, and what it is worth.
USUAL_DAYS = 60.0
GUESSED = 0.5
# Need is near its height from so much of the interval on, and fades by log-normal width after it.
DUE_FROM = 0.5
WIDTH = 0.8
LEAST_NEED = 0.01


@dataclass(frozen=True, slots=True)
class Bought:
    """What a shopper bought on `times` days, the first and last `span` days apart, `ago` days ago.

    `usual` are the days that shoppers mostly let pass between two purchases of this product; None
    where too few bought it twice.
    """

    product_id: int
    times: int
    span: float
    ago: float
    usual: float | None


def rank_needs(purchases: Iterable[Bought]) -> list[tuple[int, float]]:
    """(product id, need) with the greatest need first; what was just bought is left out."""
    needs = [(one.product_id, round(_need(one), 6)) for one in purchases]
    return sorted(
        (pair for pair in needs if pair[1] >= LEAST_NEED), key=lambda pair: (-pair[1], pair[0])
    )


def _need(bought: Bought) -> float:
    """From 0, just bought, to 1, bought one interval ago; then it fades again."""
    days, worth = _interval(bought)
    passed = bought.ago / days
    if passed < DUE_FROM:
        return 0.0
    return worth * math.exp(-((math.log(passed) / WIDTH) ** 2) / 2)


def _interval(bought: Bought) -> tuple[float, float]:
    """Days from one need to the next, and what that estimate is worth.

    The shopper's own habit weighs as much as one purchase of it for each interval seen.
    """
    own = bought.span / (bought.times - 1) if bought.times > 1 else None
    if own is not None and own >= LEAST_DAYS:
        if bought.usual is None:
            return own, 1.0
        seen = bought.times - 1
        return (own * seen + bought.usual) / (seen + 1), 1.0
    if bought.usual is not None:
        return max(bought.usual, LEAST_DAYS), 1.0
    return USUAL_DAYS, GUESSED
