"""Which products a round looks at: those of which something changed, and those that want to move.

A price is decided from what holds of the product (signals, price, list price, cost, stock, place
in the catalogue), of which triggers leave notes, and from what holds of all (rules, fit, switches,
categories), which is compared to what the last round held. A note stays until a decider has looked
and wanted nothing that time alone could let pass; so a round costs what changed. Once a day, and
whenever something changed for all, it looks at everything.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from pricing.models import LastRound

_GROUND = """
SELECT jsonb_build_object(
  'currency', %(currency)s::text, 'day', %(day)s::text,
  'rules', (
    SELECT jsonb_agg(r.id ORDER BY r.id) FROM pricing_pricingrule AS r
    WHERE r.retired_at IS NULL AND r.decider <> 'campaign'
      AND (r.active_from IS NULL OR r.active_from <= %(now)s)
      AND (r.active_until IS NULL OR r.active_until > %(now)s)
  ),
  'fit', (
    SELECT f.id FROM pricing_demandfit AS f WHERE f.as_of <= %(slot)s
    ORDER BY f.as_of DESC, f.id DESC LIMIT 1
  ),
  'switches', (
    SELECT jsonb_agg(coalesce(s.category_id, 0) ORDER BY s.category_id)
    FROM pricing_pricingswitch AS s WHERE s.is_engaged
  ),
  'categories', (
    SELECT md5(string_agg(c.id || ':' || c.path::text, ' ' ORDER BY c.id))
    FROM catalogue_category AS c
  )
)::text
"""
_NOTES = "SELECT id, product_id FROM pricing_dueproduct"
# Signals that this slot sees and the last one did not, and those that are too old by now.
_OF_THE_CLOCK = """
SELECT s.product_id FROM pricing_demandsignal AS s
WHERE s.slot > %(last)s AND s.slot <= %(slot)s
UNION ALL
SELECT s.product_id FROM pricing_demandsignal AS s
WHERE s.slot > %(last)s - interval '25 hours' AND s.slot <= %(slot)s - interval '25 hours'
  AND NOT EXISTS (
    SELECT FROM pricing_demandsignal AS newer
    WHERE newer.product_id = s.product_id AND newer.slot > s.slot AND newer.slot <= %(slot)s
  )
"""
_LOOKED = "DELETE FROM pricing_dueproduct WHERE id = ANY(%s)"
_STILL_DUE = "INSERT INTO pricing_dueproduct (product_id) SELECT * FROM unnest(%s::bigint[])"


@dataclass(frozen=True, slots=True)
class Look:
    """What one round looks at: `products`, or all where that is None."""

    slot: datetime
    began_at: datetime
    ground: dict[str, Any]
    notes: list[int]
    products: list[int] | None


def begin_look(slot: datetime, now: datetime, *, everything: bool = False) -> Look:
    """What a round as of `slot` has to look at, in four queries."""
    last = LastRound.objects.first()
    ground = _ground(slot, now)
    rows = _query(_NOTES, {})
    notes = [note for note, _ in rows]
    if everything or last is None or last.ground != ground or slot < last.slot:
        return Look(slot, now, ground, notes, None)
    due = {product for _, product in rows}
    due |= {product for (product,) in _query(_OF_THE_CLOCK, {"last": last.slot, "slot": slot})}
    return Look(slot, now, ground, notes, sorted(due))


def end_look(look: Look, still_due: Collection[int]) -> None:
    """Forget what was looked at, but for the products that are `still_due`.

    Until then a round that dies has forgotten nothing.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOOKED, [look.notes])
            cursor.execute(_STILL_DUE, [sorted(still_due)])
        LastRound.objects.update_or_create(
            pk=1,
            defaults={"slot": look.slot, "began_at": look.began_at, "ground": look.ground},
        )


def _ground(slot: datetime, now: datetime) -> dict[str, Any]:
    day = slot.astimezone(UTC).date().isoformat()
    parameters = {"currency": settings.STORE_CURRENCY, "day": day, "slot": slot, "now": now}
    ground: dict[str, Any] = json.loads(_query(_GROUND, parameters)[0][0])
    return ground


def _query(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor)
