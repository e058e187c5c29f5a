"""Replay past rounds under a proposed rule, or under the rules in force, and change nothing.

What the replay needs and the shop never recorded (signals of days before it had any, a fit of the
demand model) is worked out in a transaction that is rolled back.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
from django.conf import settings
from django.db import transaction
from numpy.typing import NDArray

from pricing.algorithms.deciders.model import Response
from pricing.algorithms.decisions import Decider
from pricing.algorithms.guardrails import Guarded
from pricing.algorithms.outcomes import Estimate, Sold, expect_outcomes
from pricing.algorithms.replaying import mean_price, situation_at
from pricing.models import PricingRule
from pricing.selectors.demand import Learnt, load_learnt
from pricing.selectors.replays import (
    Offered,
    Told,
    covered_products,
    load_offered,
    load_paths,
    load_rounds,
    load_signals,
)
from pricing.services.deciders import load_deciders
from pricing.services.fitting import fit_demand
from pricing.services.signals import aggregate_signals, slot_of

DAY = timedelta(days=1)
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a variant's price in the replay."""

    variant_id: int
    moment: datetime
    price: Decimal


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a replay of `rounds` rounds came to.

    `changes` in order; `clamps` how often each guardrail changed a price, `held` how often one was
    kept; `needs_person` how many changes a person would have had to agree to: the replay takes
    them as agreed. `outcomes` by name (simulated, actual, difference) and quantity; `price_ratio`
    is the mean price to list price of each day, by name.
    """

    start: datetime
    end: datetime
    rounds: int
    variants: int
    changes: tuple[Step, ...]
    clamps: Mapping[str, int]
    held: Mapping[str, int]
    needs_person: int
    outcomes: Mapping[str, Mapping[str, Estimate]]
    price_ratio: Mapping[str, tuple[float, ...]]


@dataclass(slots=True)
class _Replay:
    """The state of a replay."""

    offered: dict[int, Offered]
    rules: dict[int, PricingRule]
    told: dict[int, Told]
    changes: list[Step]
    clamps: Counter[str]
    held: Counter[str]
    needs_person: int = 0

    def keep_up(self, moment: datetime) -> None:
        """Let what nobody decided here (list price, campaigns …) come in."""
        for paths in self.told.values():
            while paths.later and paths.later[0].since <= moment:
                paths.begins.charged.append(paths.later.pop(0))

    def run(self, slot: datetime, moment: datetime, deciders: Mapping[str, Decider]) -> None:
        """One round."""
        self.keep_up(moment)
        signals = load_signals(slot)
        by_rule: dict[int, list[Offered]] = {}
        for one in self.offered.values():
            if one.rule_id is not None and one.situation.variant_id in self.told:
                by_rule.setdefault(one.rule_id, []).append(one)
        for rule_id, members in by_rule.items():
            rule = self.rules[rule_id]
            decider = deciders.get(rule.decider)
            if decider is not None:
                self._decide(rule, decider, members, signals, moment)

    def _decide(
        self,
        rule: PricingRule,
        decider: Decider,
        members: list[Offered],
        signals: Mapping[int, dict[str, float]],
        moment: datetime,
    ) -> None:
        asked = []
        for one in members:
            known = signals.get(one.situation.product_id, {})
            path = self.told[one.situation.variant_id].begins
            asked.append(replace(situation_at(one.situation, path), signals=known))
        for situation, proposed in zip(asked, decider.decide(asked, rule.terms), strict=True):
            if proposed is None:
                continue
            path, before = self.told[situation.variant_id].begins, situation.price
            guarded = path.follow(proposed.price, situation, rule.guardrails, moment)
            self._count(guarded, rule, before)
            if guarded.price != before:
                self.changes.append(Step(situation.variant_id, moment, guarded.price))

    def _count(self, guarded: Guarded, rule: PricingRule, before: Decimal) -> None:
        self.clamps.update(clamp.guardrail for clamp in guarded.clamps)
        if guarded.held:
            self.held[guarded.held] += 1
        beyond = abs(guarded.price - before) > rule.approval_threshold * before
        asks = rule.approval == "person" or (rule.approval == "threshold" and beyond)
        if guarded.price != before and (guarded.needs_person or asks):
            self.needs_person += 1


def simulate_prices(days: int, end: datetime, proposed: PricingRule | None = None) -> Simulation:
    """Replay the `days` days before `end`: under `proposed` in its scope, else as rules stand."""
    with transaction.atomic():
        try:
            return _simulate(end - days * DAY, end, proposed)
        finally:
            transaction.set_rollback(True)


def _simulate(start: datetime, end: datetime, proposed: PricingRule | None) -> Simulation:
    replay = _prepare(start, end, proposed)
    if load_learnt(slot_of(start)) is None:
        fit_demand(slot_of(start))
    rounds = list(_rounds(start, end))
    for slot, moment in rounds:
        replay.run(slot, moment, load_deciders(slot))
    replay.keep_up(end)
    learnt = load_learnt(end)
    assert learnt is not None  # noqa: S101 - fitted above
    return _judge(replay, start, end, len(rounds), learnt)


def _prepare(start: datetime, end: datetime, proposed: PricingRule | None) -> _Replay:
    offered = load_offered(settings.STORE_CURRENCY, end)
    rules = {rule.pk: rule for rule in PricingRule.objects.current()}
    if proposed is not None:
        proposed.pk = 0
        rules[0] = proposed
        covered = covered_products(proposed)
        offered = [
            Offered(0, one.situation) if one.situation.product_id in covered else one
            for one in offered
        ]
    by_variant = {one.situation.variant_id: one for one in offered}
    told = load_paths(by_variant, start, end)
    return _Replay(by_variant, rules, told, [], Counter(), Counter())


def _rounds(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The rounds that were; of days without any, one at noon, its signals worked out here."""
    recorded = load_rounds(start, end)
    busy = {moment.date() for _, moment in recorded}
    noon = start.replace(hour=12, minute=0, second=0, microsecond=0)
    for number in range((end - start).days + 1):
        moment = noon + number * DAY
        if start <= moment < end and moment.date() not in busy:
            aggregate_signals(moment)
            recorded.append((slot_of(moment), moment))
    yield from sorted(recorded, key=lambda one: one[1])


def _judge(
    replay: _Replay, start: datetime, end: datetime, rounds: int, learnt: Learnt
) -> Simulation:
    variants = [v for v in replay.told if _response(replay.offered[v], learnt) is not None]
    simulated = _daily(replay.told, variants, start, end, actual=False)
    actual = _daily(replay.told, variants, start, end, actual=True)
    sold = _sold(replay, variants, learnt)
    outcomes = expect_outcomes(sold, {"simulated": simulated, "actual": actual})
    return Simulation(
        start=start, end=end, rounds=rounds, variants=len(replay.told),
        changes=tuple(replay.changes), clamps=dict(replay.clamps), held=dict(replay.held),
        needs_person=replay.needs_person, outcomes=outcomes,
        price_ratio={
            "simulated": tuple((simulated / sold.list_price).mean(axis=1).tolist()),
            "actual": tuple((actual / sold.list_price).mean(axis=1).tolist()),
        },
    )  # fmt: skip


def _response(offered: Offered, learnt: Learnt) -> Response | None:
    one = offered.situation
    if one.list_price <= 0:
        return None
    return learnt.products.get(one.product_id) or learnt.categories.get(one.category_id or 0)


def _daily(
    told: Mapping[int, Told], variants: list[int], start: datetime, end: datetime, *, actual: bool
) -> Values:
    """The mean price of each day (days, variants)."""
    days = max(1, -(-(end - start) // DAY))

    paths = [told[v].actual if actual else told[v].begins for v in variants]
    edges = [min(end, start + day * DAY) for day in range(days + 1)]
    prices = [
        [max(1e-9, float(mean_price(path, since, until))) for path in paths]
        for since, until in pairwise(edges)
    ]
    return np.array(prices, dtype=np.float64).reshape(days, len(variants))


def _sold(replay: _Replay, variants: list[int], learnt: Learnt) -> Sold:
    """What is known of each variant's demand: its product's, in equal shares."""
    shares = Counter(one.situation.product_id for one in replay.offered.values())
    rows = []
    for variant in variants:
        offered = replay.offered[variant]
        one, response = offered.situation, _response(offered, learnt)
        assert response is not None  # noqa: S101 - those without were left out
        cost = np.nan if one.cost is None else float(one.cost)
        share = response.rate / shares[one.product_id]
        rows.append((response.elasticity, response.error, share, float(one.list_price), cost))
    return Sold(*np.array(rows, dtype=np.float64).reshape(-1, 5).T)
