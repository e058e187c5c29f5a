"""Publish prices: history, offer and whatever is cached by version, in one transaction.

Nothing here waits for an offer while it holds another: what somebody else holds is `busy`, and
comes again. See docs/decisions/0080.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db import DataError, IntegrityError, connection, transaction

BATCH = 500
SWITCH_LOCK = "pricing switch"

Outcome = Literal["applied", "busy", "stale", "refused"]

_INSERT = """
INSERT INTO pricing_pricehistory
  (variant_id, amount, basis, cause, rule_id, proposal_id, decided_by, approved_by, reason)
SELECT * FROM unnest(
  %s::bigint[], %s::numeric[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[],
  %s::text[], %s::text[])
"""
_LOCK_OFFERS = """
SELECT variant_id, price_version FROM catalogue_offer WHERE variant_id = ANY(%s)
ORDER BY variant_id FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A price to be in force from now on. `amount` None: list price, or the floor if higher.

    `base_version` is the price version that it was decided on; None: whatever it is.
    """

    variant_id: int
    amount: Decimal | None
    basis: str
    cause: str
    rule_id: int | None = None
    proposal_id: int | None = None
    base_version: int | None = None
    decided_by: str = ""
    approved_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of a change; `detail` says why it was refused."""

    change: Change
    outcome: Outcome
    detail: str = ""


def publish_prices(changes: Sequence[Change]) -> list[Publication]:
    """Publish `changes`, each of another variant, in transactions of a few hundred."""
    ordered = sorted(changes, key=lambda change: change.variant_id)
    published: list[Publication] = []
    for batch in _batches(ordered):
        with transaction.atomic():
            share_switch()
            published.extend(publish_batch(batch))
    return published


def _batches(changes: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    for start in range(0, len(changes), BATCH):
        yield tuple(changes[start : start + BATCH])


def share_switch() -> None:
    """Keep the kill switch from being flipped until this transaction ends; before any offer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [SWITCH_LOCK]
        )


def publish_batch(changes: Sequence[Change]) -> list[Publication]:
    """Publish a few hundred changes within a transaction that shares the switch."""
    versions = lock_offers([change.variant_id for change in changes])
    found = [Publication(change, *_hindrance(change, versions)) for change in changes]
    ready = [publication.change for publication in found if publication.outcome == "applied"]
    refusals = _insert(ready)
    return [
        Publication(p.change, "refused", refusals[p.change.variant_id])
        if p.outcome == "applied" and p.change.variant_id in refusals
        else p
        for p in found
    ]


def lock_offers(variant_ids: Sequence[int]) -> dict[int, int]:
    """Lock the offers that nobody else holds; their price versions by variant."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_OFFERS, [list(variant_ids)])
        return dict(cursor.fetchall())


def _hindrance(change: Change, versions: dict[int, int]) -> tuple[Outcome, str]:
    version = versions.get(change.variant_id)
    if version is None:
        return "busy", "The price is being changed, or the variant is not sold."
    if change.base_version not in {None, version}:
        return "stale", "The price was changed since."
    return "applied", ""


def _insert(changes: Sequence[Change]) -> dict[int, str]:
    """Insert `changes`; the reasons of those that the database refuses, by variant."""
    try:
        with transaction.atomic():
            _execute(changes)
    except (IntegrityError, DataError) as error:
        if len(changes) == 1:
            return {changes[0].variant_id: _reason(error)}
        half = len(changes) // 2
        return _insert(changes[:half]) | _insert(changes[half:])
    return {}


def _execute(changes: Sequence[Change]) -> None:
    columns: list[list[Any]] = [
        [getattr(change, name) for change in changes]
        for name in (
            "variant_id", "amount", "basis", "cause", "rule_id", "proposal_id", "decided_by",
            "approved_by", "reason",
        )
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)


def _reason(error: IntegrityError | DataError) -> str:
    return str(error).partition("\n")[0]
