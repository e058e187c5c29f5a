"""Import events from lines of JSON, in chunks, reading on while they are stored."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.utils import timezone

from events.algorithms.lines import Clock, Flaw, Sender
from events.algorithms.payloads import decode
from events.exceptions import BadEventLineError
from events.services.recording import REJECTED, Batch, Outcome
from events.services.retention import earliest_kept
from events.services.storing_ahead import StoringAhead

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
    Of an event id twice among the lines either may be the one that is stored.
    Nobody's recommendations become due: a bulk import is followed by training.
    """
    report = ImportReport()
    with StoringAhead() as storing:
        for batch, bad in _batches(lines, skip_bad=skip_bad, on_bad=on_bad):
            for outcomes in storing.store(batch):
                report.add(outcomes)
                on_chunk(report)
            if bad is not None:
                break
        for outcomes in storing.rest():
            report.add(outcomes)
            on_chunk(report)
    if bad is not None:
        raise bad
    return report


def _batches(
    lines: Iterable[tuple[int, bytes]],
    *,
    skip_bad: bool,
    on_bad: Callable[[BadEventLineError], None],
) -> Iterator[tuple[Batch, BadEventLineError | None]]:
    """The events of `lines`, `CHUNK` at a time; with the last, the bad line that ends them."""
    sender = Sender(is_trusted=True)
    batch, clock = Batch(sender), _clock()
    for number, line in lines:
        bad = _add(batch, number, line, clock)
        if bad is not None and not skip_bad:
            batch.flaws.popitem()
            yield batch, bad
            return
        if bad is not None:
            on_bad(bad)
        if len(batch) >= CHUNK:
            yield batch, None
            batch, clock = Batch(sender), _clock()
    yield batch, None


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
