"""Approve and reject proposals, many at once; let those that waited too long expire."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from pricing.models import PriceProposal, PricingAction
from pricing.services.acting import note_actions
from pricing.services.proposing import change_of, settle_proposals
from pricing.services.publishing import BATCH, publish_batch, share_switch

State = PriceProposal.State
NOT_PENDING = "Somebody has decided on it, or is about to."


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a proposal: applied, rejected, stale, refused, busy, not_pending, unknown."""

    proposal_id: int
    outcome: str
    detail: str = ""


Decide = Callable[[Sequence[int], str, str], list[Decision]]


def approve_proposals(ids: Sequence[int], actor: str, reason: str = "") -> list[Decision]:
    """Publish the proposals `ids`; one decision for each, in order.

    One whose price has changed since, or that the guardrails no longer allow, is refused.
    """
    return _in_batches(ids, actor, reason, _approve)


def reject_proposals(ids: Sequence[int], actor: str, reason: str = "") -> list[Decision]:
    """Turn down the proposals `ids`; one decision for each, in order."""
    return _in_batches(ids, actor, reason, _reject)


def expire_proposals(now: datetime) -> int:
    """Let proposals that waited too long expire; how many."""
    with transaction.atomic():
        stale = PriceProposal.objects.stale_at(now).order_by("pk")
        keys = [p.pk for p in stale.select_for_update(skip_locked=True).only("pk")]
        return PriceProposal.objects.filter(pk__in=keys).update(
            state=State.EXPIRED, decided_at=now, note="Nobody decided in time."
        )


def _in_batches(ids: Sequence[int], actor: str, reason: str, decide: Decide) -> list[Decision]:
    wanted = list(dict.fromkeys(ids))
    decisions: dict[int, Decision] = {}
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        with transaction.atomic():
            share_switch()
            decisions |= {d.proposal_id: d for d in decide(batch, actor, reason)}
    known = set(PriceProposal.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    return [decisions.get(pk) or _missing(pk, known) for pk in wanted]


def _missing(pk: int, known: set[int]) -> Decision:
    if pk in known:
        return Decision(pk, "not_pending", NOT_PENDING)
    return Decision(pk, "unknown", "There is no such proposal.")


def _lock(ids: Sequence[int]) -> list[PriceProposal]:
    waiting = PriceProposal.objects.pending().filter(pk__in=ids).order_by("pk")
    return list(waiting.select_for_update(skip_locked=True))


def _approve(ids: Sequence[int], actor: str, reason: str) -> list[Decision]:
    now = timezone.now()
    proposals = _lock(ids)
    late = [proposal.pk for proposal in proposals if proposal.expires_at <= now]
    PriceProposal.objects.filter(pk__in=late).update(
        state=State.EXPIRED, decided_at=now, note="Nobody decided in time."
    )
    good = [proposal for proposal in proposals if proposal.pk not in late]
    published = publish_batch([change_of(proposal, actor) for proposal in good])
    settle_proposals(published, actor, reason)
    decisions = [Decision(p.change.proposal_id or 0, p.outcome, p.detail) for p in published] + [
        Decision(pk, "stale", "It waited too long.") for pk in late
    ]
    details = {
        f"proposal {one.proposal_id}": {"outcome": one.outcome, "detail": one.detail}
        for one in decisions
    }
    note_actions(PricingAction.Kind.APPROVE, actor, details, reason)
    return decisions


def _reject(ids: Sequence[int], actor: str, reason: str) -> list[Decision]:
    keys = [proposal.pk for proposal in _lock(ids)]
    PriceProposal.objects.filter(pk__in=keys).update(
        state=State.REJECTED, decided_at=timezone.now(), decided_by=actor, note=reason
    )
    note_actions(PricingAction.Kind.REJECT, actor, {f"proposal {pk}": {} for pk in keys}, reason)
    return [Decision(pk, "rejected") for pk in keys]
