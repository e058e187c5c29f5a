"""Import products from lines, in chunks: all of them or none, or all that are good."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import connection, transaction

from catalogue.algorithms.claims import find_false_claims
from catalogue.algorithms.lines import ProductLine, is_json, parse_line
from catalogue.algorithms.values import FieldError
from catalogue.exceptions import BadLineError, ImportFileError
from catalogue.models import Variant, lock_names
from catalogue.selectors import resolve_product_ids
from catalogue.services.chunks import store_chunk

OnError = Literal["abort", "skip"]
CHUNK_LINES = 2000
# From here on the planner's statistics are too far from what the tables hold.
ANALYSE_FROM = 1000


@dataclass(slots=True)
class ImportReport:
    """What an import did, in products; `read` and `bad` count lines."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    repeated: int = 0
    bad: int = 0


def _ignore(*_: Any) -> None:
    """Report nothing."""


@dataclass(slots=True)
class Reporter:
    """Who wants to hear what happens while it does."""

    progress: Callable[[ImportReport], None] = _ignore
    bad_line: Callable[[BadLineError], None] = _ignore
    repeated: Callable[[int, str, int], None] = _ignore


def import_products(
    lines: Iterable[tuple[int, bytes]],
    on_error: OnError = "abort",
    reporter: Reporter | None = None,
) -> ImportReport:
    """Store the products on numbered `lines`; what is absent from a line stays as it is.

    `abort` raises a BadLineError and stores nothing; `skip` reports it and stores the rest, a chunk
    at a time. Where a product occurs twice the later line is applied after the earlier.
    Raises ImportFileError where not one line is JSON.
    """
    run = _Import(on_error, reporter or Reporter())
    with transaction.atomic() if on_error == "abort" else nullcontext():
        for chunk in run.chunks(lines):
            run.store(chunk)
        run.finish()
    return run.report


@dataclass(slots=True)
class _Import:
    on_error: OnError
    reporter: Reporter
    report: ImportReport = field(default_factory=ImportReport)
    _seen: dict[str, int] = field(default_factory=dict)
    _is_json: bool = False

    def chunks(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[list[ProductLine]]:
        """Lines that are right in themselves, a few thousand at a time, no product twice in one."""
        chunk: dict[str, ProductLine] = {}
        for number, raw in lines:
            self.report.read += 1
            line = self._parse(number, raw)
            if line is None:
                continue
            self._note_repeated(line)
            if line.id in chunk or len(chunk) >= CHUNK_LINES:
                yield list(chunk.values())
                chunk = {}
            chunk[line.id] = line
        if chunk:
            yield list(chunk.values())

    def store(self, chunk: list[ProductLine]) -> None:
        """Store those lines of `chunk` that agree with what is stored already."""
        with transaction.atomic():
            # One import at a time: two of the same file would otherwise make everything twice.
            lock_names()
            bad = _disagreeing(chunk)
            for number in sorted(bad):
                self._refuse(bad[number])
            good = [line for line in chunk if line.number not in bad]
            result = store_chunk(good)
        self.report.created += result.created
        self.report.updated += result.updated
        self.report.unchanged += len(good) - result.created - result.updated
        self.reporter.progress(self.report)

    def finish(self) -> None:
        """Refuse what was no JSON lines at all; tell the planner of a large change."""
        if self.report.bad and not self._is_json:
            raise ImportFileError("Not one line of this is JSON.")
        if self.report.created + self.report.updated >= ANALYSE_FROM:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE catalogue_product, catalogue_variant, catalogue_offer")

    def _parse(self, number: int, raw: bytes) -> ProductLine | None:
        try:
            line = parse_line(number, raw)
        except FieldError as error:
            self._is_json = self._is_json or is_json(raw)
            self._refuse(BadLineError(number, error.pointer, error.reason))
            return None
        self._is_json = True
        return line

    def _refuse(self, problem: BadLineError) -> None:
        if self.on_error == "abort":
            raise problem
        self.report.bad += 1
        self.reporter.bad_line(problem)

    def _note_repeated(self, line: ProductLine) -> None:
        earlier = self._seen.get(line.id)
        if earlier is not None:
            self.report.repeated += 1
            self.reporter.repeated(line.number, line.id, earlier)
        self._seen[line.id] = line.number


def _disagreeing(chunk: list[ProductLine]) -> dict[int, BadLineError]:
    """Lines that can't be stored as things stand, by number."""
    known = resolve_product_ids(line.id for line in chunk)
    bad = {line.number: problem for line in chunk if (problem := _incomplete(line, known))}
    rest = [line for line in chunk if line.number not in bad]
    for claim in find_false_claims(rest, _owners(rest)):
        reason = f"is sold by product {claim.owner!r} already; a sku belongs to one product."
        pointer = f"/variants/{claim.position}/sku"
        bad[claim.line.number] = BadLineError(claim.line.number, pointer, reason)
    return bad


def _incomplete(line: ProductLine, known: dict[str, int]) -> BadLineError | None:
    if line.id in known:
        return None
    if "title" not in line.fields:
        return BadLineError(line.number, "/title", "is missing; a new product needs it.")
    if not line.variants:
        return BadLineError(line.number, "/variants", "a new product needs at least one variant.")
    return None


def _owners(lines: list[ProductLine]) -> dict[str, str]:
    """Which product sells each sku of `lines` now; withdrawn variants are free to be claimed."""
    skus = [variant.sku for line in lines for variant in line.variants or ()]
    sold = Variant.objects.offered().filter(sku__in=skus)
    return dict(sold.values_list("sku", "product__public_id"))
