"""Store events: validate each, then one statement for the whole batch."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import orjson
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from api.prepared import run_prepared
from customers.selectors import Subject, digests_of
from events.algorithms.lines import (
    FORGOTTEN_CODES,
    REFUSALS,
    Clock,
    EventLine,
    Flaw,
    Sender,
    measure_skew,
    read_event,
    readable_event_id,
    readable_shopper,
)
from events.algorithms.payloads import fingerprint, keep
from events.models import REFRESHING_TYPES
from events.services.partitions import ensure_months, month_of
from events.services.retention import earliest_kept
from events.services.statement import STORE_EVENTS
from events.signals import interactions_recorded

logger = logging.getLogger(__name__)

STORED, DUPLICATE, REJECTED = "stored", "duplicate", "rejected"
UNMATCHED = {
    "unknown_product": "There is no such product; the event is kept.",
    "unknown_sku": "There is no such variant; the event is kept.",
    "sku_of_another_product": "This sku belongs to another product.",
}
ATTEMPTS = 4
# Deadlock, and failure to serialise: what was tried is undone, and may be tried again.
RETRIED_STATES = {"40P01", "40001"}
# The months whose partitions this process has seen; a wrong guess costs one more attempt.
_seen_months: set[Any] = set()


class Outcome(NamedTuple):
    """What became of one event; a rejected one says why and where, as a pointer into the event."""

    result: str
    event_id: str | None
    code: str | None = None
    pointer: str | None = None
    detail: str | None = None


class Due(NamedTuple):
    """Shoppers whose recommendations a batch made due."""

    customer_ids: list[int]
    visitor_ids: list[UUID]


@dataclass(slots=True)
class Batch:
    """What goes into one statement: events to store and flawed ones to keep, by position."""

    sender: Sender
    lines: dict[int, EventLine] = field(default_factory=dict)
    flaws: dict[int, tuple[Any, Flaw]] = field(default_factory=dict)

    def add(self, raw: Any, clock: Clock) -> Flaw | None:
        """Take in the next event as it came; what is wrong with it, if anything is."""
        read = read_event(raw, self.sender, clock)
        if isinstance(read, Flaw):
            self.refuse(raw, read)
            return read
        self.lines[len(self)] = read
        return None

    def refuse(self, raw: Any, flaw: Flaw) -> None:
        """Take in an event that is to be kept as rejected."""
        self.flaws[len(self)] = (raw, flaw)

    def __len__(self) -> int:
        return len(self.lines) + len(self.flaws)


def record_events(
    events: Sequence[Any],
    sender: Sender,
    *,
    sent_at: datetime | None = None,
    refreshing: Sequence[str] = REFRESHING_TYPES,
) -> list[Outcome]:
    """Store `events`, decoded JSON as it came, and tell what became of each, in their order.

    `sent_at` is what the sender's clock said when it sent them: by it their times are put right.
    When this returns outside a transaction, all is committed. Types in `refreshing` make their
    shoppers' recommendations due. Raises OperationalError where nothing was stored.
    """
    now = timezone.now()
    clock = Clock(now, earliest_kept(now), measure_skew(sent_at, now))
    batch = Batch(sender)
    for raw in events:
        batch.add(raw, clock)
    return store_batch(batch, refreshing)


def record_interaction(interaction: EventLine) -> Outcome:
    """Store an event that a shop records on its server; once, however often it is retried.

    It goes through the same checks as one that comes over HTTP, and may be of any type.
    """
    raw = {
        name: value if isinstance(value, int) else value.isoformat() if isinstance(value, datetime)
        else str(value)
        for name, value in interaction._asdict().items() if value is not None
    }  # fmt: skip
    return record_events([raw], Sender(is_trusted=True))[0]


def new_event_id() -> str:
    """An event id for an interaction that has none."""
    return str(uuid4())


def count_outcomes(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many were stored, duplicate and rejected."""
    counts = Counter(outcome.result for outcome in outcomes)
    return {result: counts[result] for result in (STORED, DUPLICATE, REJECTED)}


def store_batch(batch: Batch, refreshing: Sequence[str] = ()) -> list[Outcome]:
    """As `record_events`, for events that were read already."""
    results, due = _execute(_parameters(batch, refreshing), batch)
    if due.customer_ids or due.visitor_ids:
        transaction.on_commit(partial(_announce, due))
    return [_outcome(batch, results, position) for position in range(len(batch))]


def _announce(due: Due) -> None:
    # A receiver that fails leaves its work to the sweep: the rows are there.
    interactions_recorded.send_robust(
        sender=None, customer_ids=due.customer_ids, visitor_ids=due.visitor_ids
    )


def _outcome(batch: Batch, results: dict[int, str], position: int) -> Outcome:
    if position in batch.flaws:
        raw, flaw = batch.flaws[position]
        return Outcome(REJECTED, readable_event_id(raw), flaw.code, flaw.pointer, flaw.detail)
    line, result = batch.lines[position], results.get(position, STORED)
    if result in REFUSALS:
        return Outcome(REJECTED, line.event_id, result, "", REFUSALS[result])
    if result not in UNMATCHED:
        return Outcome(result, line.event_id)
    named_product = result == "unknown_product" and line.product_id is not None
    pointer = "/product_id" if named_product else "/sku"
    return Outcome(REJECTED, line.event_id, result, pointer, UNMATCHED[result])


def _execute(parameters: dict[str, Any], batch: Batch) -> tuple[dict[int, str], Due]:
    months = {month_of(line.occurred_at) for line in batch.lines.values()}
    for attempt in range(1, ATTEMPTS + 1):
        _ensure(months)
        try:
            with _undone_alone():
                return _split(run_prepared(STORE_EVENTS, parameters))
        except (IntegrityError, OperationalError) as error:
            if attempt == ATTEMPTS or not _may_retry(error):
                raise
            logger.info("storing events again: %s", error)
            _seen_months.clear()
    raise AssertionError("unreachable")


def _ensure(months: set[Any]) -> None:
    missing = months - _seen_months
    if missing:
        ensure_months(missing)
        _seen_months.update(missing)


def _undone_alone() -> AbstractContextManager[Any]:
    """A savepoint inside a transaction; nothing outside, where a statement is one by itself."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _may_retry(error: Exception) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    # A partition that this process remembers and that is gone (or was never committed).
    return state in RETRIED_STATES or (state == "23514" and "no partition" in str(error))


def _split(rows: list[tuple[Any, ...]]) -> tuple[dict[int, str], Due]:
    """What became of those that were not stored, by position, and who is due."""
    results: dict[int, str] = {}
    due = Due([], [])
    for position, result, customer_id, visitor_id in rows:
        if position is not None:
            results[position] = result
        elif customer_id is not None:
            due.customer_ids.append(customer_id)
        else:
            due.visitor_ids.append(visitor_id)
    return results, due


def _parameters(batch: Batch, refreshing: Sequence[str]) -> dict[str, Any]:
    lines = [line._asdict() | {"position": place} for place, line in batch.lines.items()]
    subjects, digests = digests_of(_subjects(batch))
    return {
        # Joined, not as arrays, which take five times as long to adapt; no id has a line break.
        "subjects": "\n".join(subjects),
        "digests": b"".join(digests),
        # A back end that does not say otherwise has been allowed what it sends.
        "unasked": batch.sender.is_trusted or not settings.CONSENT_REQUIRED,
        "lines": _dump(lines),
        "flaws": _dump(list(_flaw_rows(batch))),
        "codes": list(UNMATCHED),
        "details": list(UNMATCHED.values()),
        "refreshing": [str(kind) for kind in refreshing],
        "store": settings.STORE_CURRENCY,
    }


def _subjects(batch: Batch) -> list[Subject]:
    """Everybody whom the events of the batch name, the flawed ones too."""
    named = {(line.visitor_id, line.customer_id) for line in batch.lines.values()}
    named |= {readable_shopper(raw, batch.sender) for raw, _ in batch.flaws.values()}
    customers = {customer for _, customer in named if customer is not None}
    visitors = {visitor for visitor, _ in named if visitor is not None}
    return [
        *(Subject.of(customer_id=key) for key in customers),
        *(Subject.of(visitor_id=key) for key in visitors),
    ]


def _flaw_rows(batch: Batch) -> Iterator[dict[str, Any]]:
    sender = batch.sender
    for raw, flaw in batch.flaws.values():
        if flaw.code in FORGOTTEN_CODES:
            continue
        payload = keep(raw)
        visitor_id, customer_id = readable_shopper(raw, sender)
        yield {
            "fingerprint": fingerprint(flaw.code, sender.visitor_id, sender.customer_id, payload),
            "event_id": readable_event_id(raw),
            "payload": payload,
            "code": flaw.code,
            "pointer": flaw.pointer,
            "detail": flaw.detail[:300],
            "visitor_id": visitor_id,
            "customer_public_id": customer_id,
        }


def _dump(rows: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(rows, default=str).decode()
