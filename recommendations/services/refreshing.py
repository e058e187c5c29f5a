"""Refresh shoppers: fold their whole history into the live model and write their row.

The request row is the record; several workers may refresh at once. A row is overwritten only by
one whose history was read later. Readers read the row itself: there is no cache to go stale.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from api.prepared import run_prepared
from customers.services import hold_off_erasures
from events.selectors import RefreshDue, pending_refreshes
from events.services import complete_refreshes
from recommendations.exceptions import UnknownRunError
from recommendations.models import ActiveRun
from recommendations.services.lists import Shopper, ShopperList, rank_shoppers
from recommendations.services.rows import read_histories
from recommendations.services.store import StoredModel, array_text, load_model

BATCH = 200
# One call ends after so many, lest a shopper who never rests keep a worker forever.
MOST_PER_CALL = 20_000

_LOCK_SPACE = 0x5265_6672
_CLAIM = """
SELECT id, clock_timestamp() FROM unnest(%s::bigint[]) AS id
WHERE pg_try_advisory_xact_lock(%s, (id %% 2147483647)::int)
"""
_WRITE = """
INSERT INTO recommendations_{who}recommendations AS stored
  (run_id, {who}_id, product_ids, scores, reasons, computed_at)
SELECT %(run)s, shopper, product_ids::bigint[], scores::float8[], reasons, %(at)s
FROM ROWS FROM (
  unnest(%(shoppers)s::{type}[], %(product_ids)s::text[], %(scores)s::text[]),
  jsonb_array_elements_text(%(reasons)s::jsonb)
) AS new (shopper, product_ids, scores, reasons)
WHERE EXISTS (SELECT FROM customers_{who} AS one WHERE one.id = shopper AND NOT one.is_erasing)
ORDER BY shopper
ON CONFLICT ({who}_id, run_id) DO UPDATE SET
  product_ids = EXCLUDED.product_ids, scores = EXCLUDED.scores, reasons = EXCLUDED.reasons,
  computed_at = EXCLUDED.computed_at
WHERE stored.computed_at <= EXCLUDED.computed_at
"""


class ModelHolder:
    """The live model, held by the process until another goes live."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stored: StoredModel | None = None

    def get(self, run_id: int) -> StoredModel:
        """The model of `run_id`; UnknownRunError where it was pruned meanwhile."""
        with self._lock:
            if self._stored is None or self._stored.run_id != run_id:
                self._stored = load_model(run_id)
            return self._stored


_holder = ModelHolder()


@dataclass(frozen=True, slots=True)
class _Claim:
    due: Sequence[RefreshDue]
    read_at: datetime

    @property
    def shoppers(self) -> list[Shopper]:
        found = (one.visitor_id if one.customer_id is None else one.customer_id for one in self.due)
        return [key for key in found if key is not None]


def refresh_due_shoppers() -> int:
    """Refresh everybody who is due and whom no other worker is at; how many were refreshed."""
    refreshed = 0
    while refreshed < MOST_PER_CALL:
        done = _refresh_batch()
        if not done:
            break
        refreshed += done
    return refreshed


@transaction.atomic
def _refresh_batch() -> int:
    claim = _claim()
    if not claim.due:
        return 0
    run_id = ActiveRun.objects.values_list("run_id", flat=True).first()
    if run_id is not None:
        try:
            _refresh(_holder.get(run_id), claim)
        except UnknownRunError:
            return 0
    complete_refreshes(claim.due)
    return len(claim.due)


def _claim() -> _Claim:
    """Those of the longest-waiting whom no other worker has claimed until its commit.

    Advisory locks, not row locks: an event that comes in meanwhile must not wait for us.
    """
    waiting = pending_refreshes(BATCH)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [[one.id for one in waiting], _LOCK_SPACE])
        rows = dict(cursor.fetchall())
    claimed = [one for one in waiting if one.id in rows]
    return _Claim(claimed, min(rows.values(), default=datetime.min.replace(tzinfo=UTC)))


def _refresh(stored: StoredModel, claim: _Claim) -> None:
    since = datetime.fromtimestamp(stored.window_start, UTC) if stored.window_start else None
    histories = read_histories(
        claim.shoppers,
        stored.product_ids,
        stored.model.settings.confidence,
        since or datetime.min.replace(tzinfo=UTC, day=2),
        stored.window_end,
    )
    lists = {shopper: ShopperList(shopper) for shopper in claim.shoppers}
    for one in rank_shoppers(stored.model, stored.product_ids, histories):
        lists[one.shopper] = one
    hold_off_erasures()
    for who, kind, key in (("customer", "bigint", int), ("visitor", "uuid", UUID)):
        own = [one for one in lists.values() if isinstance(one.shopper, key)]
        _write(who, kind, stored.run_id, own, claim.read_at)


def _write(who: str, kind: str, run_id: int, lists: Sequence[ShopperList], at: datetime) -> None:
    """Write the rows of those shoppers whose row is not already newer."""
    if not lists:
        return
    parameters: dict[str, Any] = {
        "run": run_id,
        "at": at,
        "shoppers": [one.shopper for one in lists],
        "product_ids": [array_text(one.product_ids) for one in lists],
        "scores": [array_text(one.scores) for one in lists],
        # One document for all: psycopg would look for what to escape in each text of an array.
        "reasons": orjson.dumps([one.reasons.decode() for one in lists]).decode(),
    }
    # Prepared, for else a megabyte of parameters is looked through, quoted and parsed as SQL.
    run_prepared(_WRITE.format(who=who, type=kind), parameters)
