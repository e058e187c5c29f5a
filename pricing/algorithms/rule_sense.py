"""Whether the terms of a rule can be meant so, field by field, before it is kept.

The database holds what must be true of a rule; here is said what is wrong, and also refused what
would be kept but is a slip: a margin of 15 where 0.15 was meant makes everything 16 times as dear.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

SCOPES = ("category", "brand", "product")
SHARES = ("max_change_interval", "max_change_day", "hysteresis", "approval_threshold")
BOUNDS = (("min_price", "max_price"), ("min_list_ratio", "max_list_ratio"))
CAMPAIGN = ("campaign_price", "campaign_list_ratio")
MOST_MARGIN = MOST_RATIO = 10


def problems_of(terms: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, by field; nothing where all of it makes sense. `terms` has a rule's fields."""
    found: dict[str, str] = {}
    for check in (_scope, _forms, _shares, _bounds, _campaign, _window):
        for field, reason in check(terms):
            found.setdefault(field, reason)
    return found


def _scope(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in SCOPES:
        asked = terms["scope"] == name
        if asked and terms[name] is None:
            yield name, f"The scope {name} needs one."
        elif not asked and terms[name] is not None:
            yield name, f"The scope {terms['scope']} takes none."


def _forms(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not isinstance(terms["steps"], list):
        yield "steps", "Give a list of steps."
    if not re.fullmatch("[A-Z]{3}", terms["currency"]):
        yield "currency", "Give a code of ISO 4217 such as EUR."
    if not re.fullmatch("[0-9]{0,3}", terms["ending"]):
        yield "ending", "Give up to three digits such as 99."
    for name in ("interval_minutes", "proposal_minutes"):
        if terms[name] < 1:
            yield name, "Give a minute at least."


def _shares(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in SHARES:
        if terms[name] is not None and not 0 <= terms[name] <= 1:
            yield name, "Give a fraction from 0 to 1: 0.05 is 5 %."
    if not -1 < terms["margin_floor"] <= MOST_MARGIN:
        yield (
            "margin_floor",
            f"Give a fraction above -1, at most {MOST_MARGIN}: 0.15 is cost + 15 %.",
        )


def _bounds(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for least, most in BOUNDS:
        for name in (least, most):
            if terms[name] is not None and terms[name] < 0:
                yield name, "It must not be negative."
        if None not in {terms[least], terms[most]} and terms[least] > terms[most]:
            yield most, f"It must not be below {least}."


def _campaign(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    price, ratio = (terms[name] for name in CAMPAIGN)
    if terms["decider"] != "campaign":
        yield from (
            (name, "Only a campaign has one.") for name in CAMPAIGN if terms[name] is not None
        )
    elif (price is None) == (ratio is None):
        yield "campaign_price", "A campaign has either campaign_price or campaign_list_ratio."
    elif price is not None and price < 0:
        yield "campaign_price", "It must not be negative."
    elif ratio is not None and not 0 <= ratio <= Decimal(MOST_RATIO):
        yield (
            "campaign_list_ratio",
            f"Give a ratio from 0 to {MOST_RATIO}: 0.8 is 20 % off list price.",
        )


def _window(terms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    begin, end = terms["active_from"], terms["active_until"]
    if begin is not None and end is not None and end <= begin:
        yield "active_until", "It must be after active_from."
