"""Store rejected events whose products and variants have come: feeds arrive in any order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction
from django.utils import timezone

from events.algorithms.lines import EventLine, Sender
from events.models import REFRESHING_TYPES
from events.services.recording import REJECTED, Batch, store_batch
from events.services.retention import earliest_kept

AT_ONCE = 1000

# What waits for a product or variant that is there now: a row that this finds is stored, is there
# already, or is refused for another reason. Each of the three looks up one index.
_READY = """
WITH product AS (
  SELECT id, public_id FROM catalogue_product
  WHERE %(every)s OR id = ANY(%(products)s::bigint[])
), variant AS (
  SELECT sku FROM catalogue_variant
  WHERE %(every)s OR product_id = ANY(%(products)s::bigint[])
), ready AS (
  SELECT r.id FROM product AS p
  JOIN events_rejectedevent AS r ON r.product_public_id = p.public_id
  WHERE r.replayed_at IS NULL AND r.code = 'unknown_product'
  UNION
  SELECT r.id FROM variant AS v
  JOIN events_rejectedevent AS r ON (r.payload ->> 'sku') = v.sku
  WHERE r.replayed_at IS NULL AND r.code IN ('unknown_product', 'unknown_sku')
    AND r.payload ? 'sku' AND (r.code = 'unknown_sku' OR r.product_public_id IS NULL)
)
SELECT id, code, payload::text FROM events_rejectedevent
WHERE id IN (SELECT id FROM ready ORDER BY id LIMIT %(limit)s) AND replayed_at IS NULL
ORDER BY id
FOR UPDATE SKIP LOCKED
"""

_MARK = """
UPDATE events_rejectedevent SET replayed_at = statement_timestamp()
WHERE id = ANY(%s::bigint[])
"""


class Waiting(NamedTuple):
    """A rejected event that may come in now."""

    id: int
    code: str
    payload: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many rejected events were stored or there already, and how many refused for good."""

    stored: int = 0
    refused: int = 0

    def __add__(self, other: "Replayed") -> "Replayed":
        return Replayed(self.stored + other.stored, self.refused + other.refused)


def replay_rejected(product_ids: Sequence[int] | None = None) -> Replayed:
    """Store the rejected events that waited for these products and their variants, or for any.

    Each is marked as replayed, also where its event id was stored meanwhile or where it is refused
    again, now for another reason. May be called by several at once, and again.
    """
    total = Replayed()
    while True:
        with transaction.atomic():
            found = _ready(product_ids)
            done, marked = _replay(found)
        total += done
        if len(found) < AT_ONCE or not marked:
            return total


def _ready(product_ids: Sequence[int] | None) -> list[Waiting]:
    with connection.cursor() as cursor:
        cursor.execute(
            _READY,
            {"every": product_ids is None, "products": list(product_ids or ()), "limit": AT_ONCE},
        )
        return [Waiting(*row) for row in cursor.fetchall()]


def _replay(found: Sequence[Waiting]) -> tuple[Replayed, int]:
    """Store `found`; the counts, and how many need not be tried again."""
    if not found:
        return Replayed(), 0
    batch = Batch(Sender(is_trusted=True))
    earliest = earliest_kept(timezone.now())
    late = {row.id for row in found if _read(row).occurred_at < earliest}
    tried = [row for row in found if row.id not in late]
    for place, row in enumerate(tried):
        batch.lines[place] = _read(row)
    outcomes = store_batch(batch, REFRESHING_TYPES)
    settled = [
        row.id for row, outcome in zip(tried, outcomes, strict=True) if outcome.code != row.code
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [[*settled, *late]])
    refused = len(late) + sum(outcome.result == REJECTED for outcome in outcomes)
    return Replayed(len(outcomes) + len(late) - refused, refused), len(settled) + len(late)


def _read(row: Waiting) -> EventLine:
    values: dict[str, Any] = orjson.loads(row.payload)
    return EventLine(**values | {"occurred_at": datetime.fromisoformat(values["occurred_at"])})
