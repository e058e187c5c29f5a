"""How long events are kept: what is older is refused, and whole months of it are dropped.

A month goes in steps, each of which a killed run may leave behind for the next: it is detached,
which neither readers nor writers wait for; written to the archive, where there is one; and dropped
together with its keys. What is known of it is its name alone.
"""

import gzip
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, count
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from events.algorithms.lines import EARLIEST
from events.services.rolling_up import LOCK, roll_up_events

logger = logging.getLogger(__name__)

# A batch that was judged by yesterday's horizon has long been stored.
GRACE = timedelta(days=1)
LOCK_TIMEOUT = "5s"

_MONTHS = """
SELECT c.oid::regclass::text, to_date(right(c.relname, 6), 'YYYYMM'), i.inhrelid IS NOT NULL,
  coalesce(i.inhdetachpending, false)
FROM pg_class AS c
LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND i.inhparent = 'events_event'::regclass
WHERE c.relname ~ '^events_event_[0-9]{6}$' AND c.relkind = 'r'
  AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'events_event'::regclass)
ORDER BY c.relname
"""

# The lines that import_events reads: public ids, and the times put right.
_LINES = """
COPY (
  SELECT jsonb_strip_nulls(jsonb_build_object(
    'event_id', e.event_id, 'type', e.type, 'occurred_at', e.occurred_at,
    'product_id', p.public_id, 'sku', v.sku, 'visitor_id', e.visitor_id,
    'customer_id', c.public_id, 'session_id', e.session_id, 'order_id', e.order_id,
    'quantity', e.quantity, 'unit_price', e.unit_price::text, 'currency', e.currency,
    'request_id', e.request_id, 'query', e.query
  ))::text
  FROM {month} AS e
  LEFT JOIN catalogue_product AS p ON p.id = e.product_id
  LEFT JOIN catalogue_variant AS v ON v.id = e.variant_id
  LEFT JOIN customers_customer AS c ON c.id = e.customer_id
  ORDER BY e.occurred_at, e.id
) TO STDOUT
"""


@dataclass(frozen=True, slots=True)
class Month:
    """A month's table: its name, its first day, whether it is still a part of the log."""

    table: str
    first: date
    attached: bool
    detaching: bool

    @property
    def end(self) -> date:
        """The first day of the next month."""
        return date(self.first.year + self.first.month // 12, self.first.month % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What retention removed: months, and their events."""

    months: int = 0
    events: int = 0


def earliest_kept(now: datetime) -> datetime:
    """The time before which events are refused."""
    days: int = settings.EVENTS_RETENTION_DAYS
    return max(EARLIEST, now - timedelta(days=days)) if days else EARLIEST


def prune_events() -> Pruned:
    """Drop the months that are older than retention as a whole.

    Does nothing where EVENTS_RETENTION_DAYS is 0. Not to be called within a transaction.
    """
    if not settings.EVENTS_RETENTION_DAYS:
        return Pruned()
    horizon = earliest_kept(timezone.now()) - GRACE
    gone = [_remove(month) for month in list_months() if month.end <= horizon.date()]
    return Pruned(len(gone), sum(gone))


def list_months() -> list[Month]:
    """Every month's table, those too that are being taken out of the log; oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS)
        return [Month(*row) for row in cursor.fetchall()]


def _remove(month: Month) -> int:
    """Take the month out of the log; how many events it had."""
    if month.attached:
        roll_up_events(month.first, month.end)  # its counts stay
        _detach(month)
    if settings.EVENTS_ARCHIVE_DIR:
        _archive(month, Path(settings.EVENTS_ARCHIVE_DIR))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _about(month, "DELETE FROM events_eventkey USING {month} AS e"
                   " WHERE events_eventkey.event_id = e.event_id")
        )  # fmt: skip
        events: int = cursor.rowcount
        cursor.execute(_about(month, "DROP TABLE {month}"))
    logger.info("%s is past retention: %s events dropped", month.table, events)
    return events


def _detach(month: Month) -> None:
    """Detach; what an interrupted run began is finished, for it can't be begun again.

    Nobody counts meanwhile: a month that is half gone would count as empty.
    """
    how = "FINALIZE" if month.detaching else "CONCURRENTLY"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [LOCK])
        try:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
            cursor.execute(
                _about(month, f"ALTER TABLE events_event DETACH PARTITION {{month}} {how}")
            )
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [LOCK])


def _archive(month: Month, folder: Path) -> None:
    """Write the month to `folder`, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{month.first:%Y-%m}.part"
    with draft.open("wb") as file:
        with gzip.open(file, "wb", compresslevel=6) as packed:
            for line in _lines(month):
                packed.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(_free_name(folder, f"{month.first:%Y-%m}"))


def _free_name(folder: Path, name: str) -> Path:
    """A file that isn't there yet: a month may be made and archived once more."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    files = (folder / f"{one}.events.jsonl.gz" for one in names)
    return next(file for file in files if not file.exists())


def _lines(month: Month) -> Iterator[str]:
    with connection.cursor() as cursor, cursor.copy(_about(month, _LINES)) as copy:
        copy.set_types(["text"])
        for (line,) in copy.rows():
            yield line


def _about(month: Month, statement: str) -> sql.Composed:
    return sql.SQL(statement).format(month=sql.Identifier(month.table))
