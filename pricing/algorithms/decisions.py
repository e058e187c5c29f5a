"""What passes between deciders and the pipeline that guards, approves and publishes prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

Inputs = Mapping[str, float | int | str | bool | None]


@dataclass(frozen=True, slots=True)
class Situation:
    """What a decider may know of a variant at one moment; nothing of it is about a shopper.

    `signals` are the columns of the product's latest demand signal, by name; None: not known.
    """

    variant_id: int
    product_id: int
    category_id: int | None
    brand_id: int | None
    price: Decimal
    list_price: Decimal
    cost: Decimal | None
    stock: int | None
    currency: str
    signals: Inputs = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposed:
    """The price that a decider wants, before any guardrail, and why.

    `inputs` are the figures that it rests on, `expected` the effect (such as units_per_day,
    revenue_per_day, margin_per_day, each beside its `…_now`). `explores`: chosen in order to learn.
    """

    price: Decimal
    reasons: tuple[str, ...]
    inputs: Inputs = field(default_factory=dict)
    expected: Inputs = field(default_factory=dict)
    explores: bool = False


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What of a rule version concerns its decider."""

    rule_id: int
    name: str
    version: int
    decider: str
    steps: tuple[Mapping[str, object], ...] = ()
    objective: str = "margin"
    may_explore: bool = False


class Decider(Protocol):
    """Wants prices for variants that one rule governs."""

    def decide(self, situations: Sequence[Situation], terms: RuleTerms) -> list[Proposed | None]:
        """One answer for each situation, in order; None: leave the price as it is."""
        ...
