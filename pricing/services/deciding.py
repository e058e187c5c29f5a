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
from pricing.services.looking import Look, begin_look, end_look
from pricing.services.proposing import Tally, Wish, propose_prices
from pricing.services.reviewing import expire_proposals
from pricing.services.settling import settle_prices

SLOT = timedelta(minutes=30)


def slot_of(moment: datetime) -> datetime:
    """The end of the last whole half hour, UTC."""
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute - moment.minute % 30, second=0, microsecond=0)


def decide_prices(as_of: datetime | None = None, *, everything: bool = False) -> dict[str, Any]:
    """Decide on the prices of variants that a rule governs, on the signals as of `as_of`.

    Looks at those that may want another price than last time, or at `everything`. Without a rule
    nothing moves. Answers how many were considered, wanted, held, applied …
    """
    now = timezone.now()
    slot = slot_of(as_of or now)
    look = begin_look(slot, now, everything=everything)
    expired, settled = expire_proposals(now), settle_prices(look.products)
    tally = Tally()
    end_look(look, _decide(look, tally) | settled.left)
    return {
        "slot": slot.isoformat(), "expired": expired, "settled": settled.moved,
    } | asdict(tally)  # fmt: skip


def _decide(look: Look, tally: Tally) -> set[int]:
    """Decide on what is looked at; the products that the next round has to look at again."""
    rules = {rule.pk: rule for rule in PricingRule.objects.active_at(look.began_at)}
    if not rules or look.products == []:
        return set()
    found = list(load_situations(settings.STORE_CURRENCY, look.slot, look.began_at, look.products))
    governed = [one for one in found if not one.is_frozen]
    tally.considered = len(governed)
    wishes = list(_wishes(governed, rules, load_deciders(look.slot)))
    due = propose_prices(wishes, look.slot, tally)
    return due | {one.situation.product_id for one in found if _stays_due(one, rules)}


def _stays_due(one: Governed, rules: Mapping[int, PricingRule]) -> bool:
    """Who explores draws anew each time, and what is frozen was not looked at."""
    rule = rules.get(one.rule_id)
    return one.is_frozen or rule is None or rule.may_explore


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
