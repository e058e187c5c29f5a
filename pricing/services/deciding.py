"""One round of pricing: ask each rule's decider about the variants that it governs."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from pricing.algorithms.decisions import Decider
from pricing.models import PricingRule
from pricing.selectors.standings import Governed, load_situations
from pricing.services.deciders import load_deciders
from pricing.services.proposing import Tally, Wish, propose_prices
from pricing.services.reviewing import expire_proposals
from pricing.services.settling import settle_prices

SLOT = timedelta(minutes=30)


def slot_of(moment: datetime) -> datetime:
    """The end of the last whole half hour, UTC."""
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute - moment.minute % 30, second=0, microsecond=0)


def decide_prices(as_of: datetime | None = None) -> dict[str, Any]:
    """Decide on the prices of all variants that a rule governs, on the signals as of `as_of`.

    Without a rule nothing moves. Answers how many were considered, wanted, held, applied …
    """
    now = timezone.now()
    slot = slot_of(as_of or now)
    expired, settled = expire_proposals(now), settle_prices()
    tally = Tally()
    rules = {rule.pk: rule for rule in PricingRule.objects.active_at(now)}
    if rules:
        governed = list(load_situations(settings.STORE_CURRENCY, slot, now))
        tally.considered = len(governed)
        propose_prices(list(_wishes(governed, rules, load_deciders(slot))), slot, tally)
    return {"slot": slot.isoformat(), "expired": expired, "settled": settled} | asdict(tally)


def _wishes(
    governed: Iterable[Governed], rules: Mapping[int, PricingRule], deciders: Mapping[str, Decider]
) -> Iterable[Wish]:
    by_rule: dict[int, list[Governed]] = {}
    for one in governed:
        by_rule.setdefault(one.rule_id, []).append(one)
    for rule_id, members in by_rule.items():
        rule = rules.get(rule_id)
        decider = deciders.get(rule.decider) if rule else None
        if rule is None or decider is None:
            continue
        answers = decider.decide([one.situation for one in members], rule.terms)
        for one, proposed in zip(members, answers, strict=True):
            if proposed is not None:
                yield Wish(one, rule, proposed)
