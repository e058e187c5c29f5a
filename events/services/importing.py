"""Import events from lines of JSON, in chunks."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from events.algorithms.lines import Clock, Flaw, Sender
from events.algorithms.payloads import decode
from events.exceptions import BadEventLineError
from events.services.recording import REJECTED, Batch, Outcome, store_batch
from events.services.retention import earliest_kept

CHUNK = 5000
NOT_JSON = Flaw("not_json", "This is not JSON in UTF-8.")


@dataclass(slots=True)
class ImportReport:
    """What became of the lines so far: outcomes by name, rejections by code."""

    read: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    rejections: Counter[str] = field(default_factory=Counter)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count the outcomes of a chunk."""
        for outcome in outcomes:
            self.read += 1
            self.outcomes[outcome.result] += 1
            if outcome.result == REJECTED:
                self.rejections[outcome.code or ""] += 1


def import_events(
    lines: Iterable[tuple[int, bytes]],
    *,
    skip_bad: bool = False,
    on_chunk: Callable[[ImportReport], None] = lambda _: None,
    on_bad: Callable[[BadEventLineError], None] = lambda _: None,
) -> ImportReport:
    """Store the events of numbered `lines`; those that are there already are counted, no more.

    A line that can't be read raises BadEventLineError, after what precedes it was stored, or is
    kept as a RejectedEvent where `skip_bad`. An event whose product is unknown is always kept so.
    Nobody's recommendations become due: a bulk import is followed by training.
    """
    report = ImportReport()
    sender = Sender(is_trusted=True)
    batch, clock = Batch(sender), _clock()

    def flush() -> None:
        report.add(store_batch(batch))
        on_chunk(report)

    for number, line in lines:
        bad = _add(batch, number, line, clock)
        if bad is not None and not skip_bad:
            batch.flaws.popitem()
            flush()
            raise bad
        if bad is not None:
            on_bad(bad)
        if len(batch) >= CHUNK:
            flush()
            batch, clock = Batch(sender), _clock()
    flush()
    return report


def _clock() -> Clock:
    now = timezone.now()
    return Clock(now, earliest_kept(now))


def _add(batch: Batch, number: int, line: bytes, clock: Clock) -> BadEventLineError | None:
    """Take the event of `line` into the batch; what is wrong with it, if anything is."""
    flaw: Flaw | None
    try:
        flaw = batch.add(decode(line), clock)
    except ValueError:
        flaw = NOT_JSON
        batch.refuse(line.decode("utf-8", "replace"), flaw)
    return None if flaw is None else BadEventLineError(number, flaw.pointer, flaw.detail)
