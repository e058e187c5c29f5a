"""Make proposals of what deciders want: guard them, and publish those that need no person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from pricing.algorithms.decisions import Proposed
from pricing.algorithms.guardrails import Clamp, Guarded, apply_guardrails, rests
from pricing.models import PriceProposal, PricingRule
from pricing.selectors.standings import Governed, load_standings
from pricing.services.publishing import (
    BATCH,
    Change,
    Publication,
    lock_offers,
    publish_batch,
    share_switch,
)

State = PriceProposal.State
MOST = Decimal(10) ** 10 - 1  # what a column of money holds


@dataclass(frozen=True, slots=True)
class Wish:
    """What a decider wants for a governed variant."""

    governed: Governed
    rule: PricingRule
    proposed: Proposed


@dataclass(slots=True)
class Tally:
    """How many prices a round looked at, wanted to move, and moved."""

    considered: int = 0
    wanted: int = 0
    held: int = 0
    applied: int = 0
    pending: int = 0
    refused: int = 0
    busy: int = 0


@dataclass(frozen=True, slots=True)
class _Draft:
    wish: Wish
    guarded: Guarded
    is_automatic: bool


def propose_prices(wishes: Sequence[Wish], slot: datetime, tally: Tally) -> set[int]:
    """Turn `wishes` into proposals, a few hundred in a transaction; `tally` counts them.

    The products for which the next round may do more, though nothing else changes until then.
    """
    tally.wanted += len(wishes)
    due: set[int] = set()
    for start in range(0, len(wishes), BATCH):
        due |= _propose_batch(wishes[start : start + BATCH], slot, tally)
    return due


def _propose_batch(wishes: Sequence[Wish], slot: datetime, tally: Tally) -> set[int]:
    now = timezone.now()
    drafts, due = _draft(wishes, now)
    tally.held += len(wishes) - len(drafts)
    if drafts:
        _propose(drafts, slot, now, tally)
    return due


def _propose(drafts: Sequence[_Draft], slot: datetime, now: datetime, tally: Tally) -> None:
    with transaction.atomic():
        share_switch()
        free = _free(drafts)
        tally.busy += len(drafts) - len(free)
        fresh = _supersede(free)
        proposals = PriceProposal.objects.bulk_create(
            [_proposal(draft, slot, now) for draft in fresh]
        )
        automatic = [p for p, draft in zip(proposals, fresh, strict=True) if draft.is_automatic]
        published = publish_batch([change_of(proposal) for proposal in automatic])
        settle_proposals(published, by="automatic", note="")
    _count(published, len(proposals), tally)


def _draft(wishes: Sequence[Wish], now: datetime) -> tuple[list[_Draft], set[int]]:
    """The wishes that the guardrails let move a price, and the products of those that may yet."""
    variants = [wish.governed.situation.variant_id for wish in wishes]
    standings = load_standings(variants, [wish.rule.pk for wish in wishes], now)
    drafts, due = [], set()
    for wish, variant in zip(wishes, variants, strict=True):
        standing = standings.get(variant)
        if standing is None or standing.price != wish.governed.situation.price:
            due.add(wish.governed.situation.product_id)
            continue
        guarded = apply_guardrails(wish.proposed.price, wish.rule.guardrails, standing)
        if guarded.price != standing.price and max(guarded.price, wish.proposed.price) < MOST:
            drafts.append(_Draft(wish, guarded, _needs_nobody(wish.rule, guarded, standing.price)))
        elif rests(wish.proposed.price, wish.rule.guardrails, standing):
            continue
        due.add(wish.governed.situation.product_id)
    return drafts, due


def _needs_nobody(rule: PricingRule, guarded: Guarded, price: Decimal) -> bool:
    if guarded.needs_person or rule.approval == PricingRule.Approval.PERSON:
        return False
    if rule.approval == PricingRule.Approval.AUTOMATIC:
        return True
    return price > 0 and abs(guarded.price - price) <= rule.approval_threshold * price


def _free(drafts: Sequence[_Draft]) -> list[_Draft]:
    """The drafts whose offers we could lock and that rest on the price in force.

    Whoever makes a proposal holds the offer, so that no two wait for one variant.
    """
    versions = lock_offers([draft.wish.governed.situation.variant_id for draft in drafts])
    return [
        draft
        for draft in drafts
        if versions.get(draft.wish.governed.situation.variant_id)
        == draft.wish.governed.price_version
    ]


def _supersede(drafts: Sequence[_Draft]) -> list[_Draft]:
    """The drafts that no pending proposal says already; pending ones that differ give way.

    A pending one that somebody is deciding on just now stays, and its draft is left out.
    """
    by_variant = {draft.wish.governed.situation.variant_id: draft for draft in drafts}
    everything = PriceProposal.objects.pending().filter(variant__in=list(by_variant))
    waiting = dict(everything.values_list("pk", "variant_id"))
    free = everything.order_by("pk").select_for_update(skip_locked=True)
    gone = []
    for proposal in free:
        draft = by_variant[proposal.variant_id]
        if not _says_the_same(proposal, draft):
            gone.append(proposal.pk)
            del waiting[proposal.pk]
    PriceProposal.objects.filter(pk__in=gone).update(
        state=State.SUPERSEDED, decided_at=timezone.now(), note="A newer proposal took its place."
    )
    return [draft for variant, draft in by_variant.items() if variant not in waiting.values()]


def _says_the_same(proposal: PriceProposal, draft: _Draft) -> bool:
    return (proposal.price, proposal.base_version, proposal.rule_id) == (
        draft.guarded.price, draft.wish.governed.price_version, draft.wish.rule.pk,
    )  # fmt: skip


def _proposal(draft: _Draft, slot: datetime, now: datetime) -> PriceProposal:
    situation, rule, wanted = draft.wish.governed.situation, draft.wish.rule, draft.wish.proposed
    return PriceProposal(
        variant_id=situation.variant_id, rule=rule, decider=rule.decider,
        wanted_price=wanted.price.quantize(Decimal("0.0001")), price=draft.guarded.price,
        currency=situation.currency, base_price=situation.price,
        base_version=draft.wish.governed.price_version, list_price=situation.list_price,
        cost=situation.cost, reasons=list(wanted.reasons), inputs=dict(wanted.inputs),
        expected=dict(wanted.expected), clamps=[_clamp(clamp) for clamp in draft.guarded.clamps],
        is_floor=draft.guarded.is_floor, explores=wanted.explores, slot=slot,
        expires_at=now + timedelta(minutes=rule.proposal_minutes),
    )  # fmt: skip


def _clamp(clamp: Clamp) -> dict[str, str]:
    return {
        "guardrail": clamp.guardrail, "before": f"{clamp.before:f}", "after": f"{clamp.after:f}",
    }  # fmt: skip


def change_of(proposal: PriceProposal, approved_by: str = "") -> Change:
    """The change that `proposal` asks for; `approved_by` names the person who agreed."""
    return Change(
        variant_id=proposal.variant_id, amount=proposal.price, basis=proposal.decider,
        cause="proposal", rule_id=proposal.rule_id, proposal_id=proposal.pk,
        base_version=proposal.base_version, decided_by=proposal.decider, approved_by=approved_by,
        reason="; ".join(proposal.reasons)[:500],
    )  # fmt: skip


_SETTLE = """
UPDATE pricing_priceproposal AS p
SET state = s.state, note = s.note, decided_at = now(), decided_by = %(by)s
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(notes)s::text[]) AS s (id, state, note)
WHERE p.id = s.id
"""


def settle_proposals(published: Sequence[Publication], by: str, note: str) -> None:
    """Note on each proposal what became of it; one that is busy goes on waiting."""
    done = [p for p in published if p.outcome != "busy"]
    parameters: dict[str, Any] = {
        "ids": [p.change.proposal_id for p in done],
        "states": [State.APPLIED if p.outcome == "applied" else State.EXPIRED for p in done],
        "notes": [(p.detail or note)[:500] for p in done],
        "by": by,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, parameters)


def _count(published: Sequence[Publication], made: int, tally: Tally) -> None:
    outcomes = [publication.outcome for publication in published]
    tally.applied += outcomes.count("applied")
    tally.busy += outcomes.count("busy")
    tally.refused += outcomes.count("refused") + outcomes.count("stale")
    tally.pending += made - len(outcomes)
