"""Prices as they would have gone: one variant's path, guarded as in life, without side effects."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from pricing.algorithms.decisions import Situation
from pricing.algorithms.guardrails import Guarded, Guardrails, Standing, apply_guardrails

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Charged:
    """A price from a moment on.

    `is_anchor`: list price, floor or the like, from which the largest changes are measured anew.
    `is_decided`: by a decider, so that cool-down runs from it.
    """

    since: datetime
    price: Decimal
    is_anchor: bool = False
    is_decided: bool = False


@dataclass(slots=True)
class PricePath:
    """What a variant cost, from the oldest price on; at least one."""

    charged: list[Charged] = field(default_factory=list)

    @property
    def price(self) -> Decimal:
        """The price in force."""
        return self.charged[-1].price

    def at(self, moment: datetime) -> Decimal:
        """The price in force at `moment`, or the first there is."""
        return next((c.price for c in reversed(self.charged) if c.since <= moment),
                    self.charged[0].price)  # fmt: skip

    def reference(self, since: datetime) -> Decimal:
        """What a window's largest change is measured from (as `pricing_reference` has it)."""
        for charged in reversed(self.charged):
            if charged.since > since and charged.is_anchor:
                return charged.price
            if charged.since <= since:
                return charged.price
        return self.price

    def standing(self, situation: Situation, guardrails: Guardrails, moment: datetime) -> Standing:
        """How the variant stands to the guardrails at `moment`."""
        last = self.charged[-1]
        since = (moment - last.since).total_seconds() / 60 if last.is_decided else None
        interval = timedelta(minutes=guardrails.interval_minutes)
        return Standing(
            price=self.price, list_price=situation.list_price, cost=situation.cost,
            currency=situation.currency, interval_price=self.reference(moment - interval),
            day_price=self.reference(moment - DAY), minutes_since_change=since,
        )  # fmt: skip

    def follow(
        self, wanted: Decimal, situation: Situation, guardrails: Guardrails, moment: datetime
    ) -> Guarded:
        """What the guardrails make of `wanted`; the path goes on there."""
        guarded = apply_guardrails(wanted, guardrails, self.standing(situation, guardrails, moment))
        if guarded.price != self.price:
            self.charged.append(Charged(moment, guarded.price, is_decided=True))
        return guarded


def situation_at(situation: Situation, path: PricePath) -> Situation:
    """`situation` with the price of `path`."""
    return replace(situation, price=path.price)


def mean_price(path: PricePath, start: datetime, end: datetime) -> Decimal:
    """The average price from `start` to `end`, by time."""
    bounds: Sequence[tuple[datetime, datetime, Decimal]] = [
        (max(start, one.since), min(end, after), one.price)
        for one, after in zip(
            path.charged, [*(c.since for c in path.charged[1:]), end], strict=True
        )
    ]
    total = sum(
        (price * Decimal((until - since).total_seconds()) for since, until, price in bounds
         if until > since), Decimal(0),
    )  # fmt: skip
    seconds = sum((u - s).total_seconds() for s, u, _ in bounds if u > s)
    return total / Decimal(seconds) if seconds else path.price
