"""Set prices by hand: what a person names is charged as it is, or refused with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from catalogue.models import Variant
from pricing.models import Basis, PricingAction
from pricing.services.acting import note_actions
from pricing.services.publishing import BATCH, Change, lock_offers, publish_batch, share_switch

MOST_PRICES = BATCH
NO_RULE = "No rule governs it: keep one first. Without steps, a rule only bounds prices."
IN_CAMPAIGN = "A campaign sets this price: cancel it first."

_STANDING = """
SELECT v.sku, v.id, v.currency, h.amount, h.basis,
  pricing_rule_for(v.product_id, v.currency, pricing_now())
FROM catalogue_variant AS v
JOIN pricing_pricehistory AS h ON h.variant_id = v.id AND upper_inf(h.period)
WHERE v.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """The price of `sku` that a person wants.

    `price_version`: only if the price in force is still of that version; None: whichever it is.
    """

    sku: str
    amount: Decimal
    currency: str
    price_version: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of it: applied, unchanged, stale, refused, busy, unknown; and why."""

    sku: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Standing:
    variant_id: int
    currency: str
    amount: Decimal
    basis: str
    rule_id: int | None


def set_prices(asked: Sequence[Asked], actor: str, reason: str) -> list[Answered]:
    """Charge what is `asked`, each of another sku, 500 at most; one answer for each, in order.

    The guardrails of the rule that governs a variant hold for persons, too; nothing is clamped.
    """
    with transaction.atomic():
        share_switch()
        standings = _lock_standings([one.sku for one in asked])
        answers = {one.sku: _hindrance(one, standings) for one in asked}
        free = [one for one in asked if answers[one.sku] is None]
        changes = [_change(one, standings[one.sku], actor, reason) for one in free]
        for one, published in zip(free, publish_batch(changes), strict=True):
            answers[one.sku] = Answered(one.sku, published.outcome, published.detail)
        told = [answer for answer in answers.values() if answer is not None]
        _note(asked, told, actor, reason)
    return told


def _lock_standings(skus: Sequence[str]) -> Mapping[str, _Standing]:
    """How the variants stand, by sku; those whose offers are free stay so until we are done."""
    variants = Variant.objects.filter(sku__in=skus, offer__isnull=False)
    ids = list(variants.values_list("pk", flat=True))
    lock_offers(ids)
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [ids])
        return {row[0]: _Standing(*row[1:]) for row in cursor}


def _hindrance(asked: Asked, standings: Mapping[str, _Standing]) -> Answered | None:
    standing = standings.get(asked.sku)
    if standing is None:
        return Answered(asked.sku, "unknown", "This is not sold.")
    if standing.currency != asked.currency:
        return Answered(asked.sku, "refused", f"It is sold in {standing.currency}.")
    if standing.basis == Basis.CAMPAIGN:
        return Answered(asked.sku, "refused", IN_CAMPAIGN)
    if standing.rule_id is None:
        return Answered(asked.sku, "refused", NO_RULE)
    if standing.amount == asked.amount and asked.price_version is None:
        return Answered(asked.sku, "unchanged", "It costs this already.")
    return None


def _change(asked: Asked, standing: _Standing, actor: str, reason: str) -> Change:
    return Change(
        standing.variant_id, asked.amount, Basis.PERSON, "set_by_person", standing.rule_id,
        base_version=asked.price_version, decided_by=actor, approved_by=actor, reason=reason,
    )  # fmt: skip


def _note(asked: Sequence[Asked], told: Sequence[Answered], actor: str, reason: str) -> None:
    details = {
        f"price of {one.sku}": {
            "price": f"{one.amount:f} {one.currency}",
            "outcome": answer.outcome,
            "detail": answer.detail,
        }
        for one, answer in zip(asked, told, strict=True)
    }
    note_actions(PricingAction.Kind.SET_PRICE, actor, details, reason)
