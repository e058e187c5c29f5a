"""Measure the searches that serve against judgments made by people."""

import json
import math
import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from catalogue.exceptions import CatalogueError
from catalogue.services import Reporter, import_products, open_lines
from catalogue.signals import products_changed
from search.algorithms.encoder import Encoder, UnusableModelError
from search.algorithms.fusion import FusionSettings
from search.algorithms.metrics import METRICS, Difference, paired_difference
from search.exceptions import EvaluationInputError
from search.management.commands.embed_products import embed_with_progress
from search.receivers import refresh_changed_products
from search.selectors.evaluation import (
    Measured,
    Results,
    make_bm25,
    make_runners,
    measure_runners,
    read_judgments,
    summarise,
)
from search.selectors.judgments import judgments_by_query
from search.selectors.ranking import fusion_settings
from search.services.indexing import index_products
from search.services.trial import trial_database

LIVE = "hybrid"
# In place of a file: the judgments of the admin.
DATABASE = Path("db")


class Command(BaseCommand):
    """`evaluate_search --judgments F [--products F] [--json O]`."""

    help = (
        "Measure keyword, semantic and hybrid search, and BM25 beside them, against judgments. "
        "With --products, on a throw-away database that holds just those."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files in, file out."""
        parser.add_argument(
            "--judgments",
            type=Path,
            required=True,
            help="CSV: query, product_id, grade; or db: what people judged in the admin",
        )
        parser.add_argument("--products", type=Path, help="JSON lines, as for import_products")
        parser.add_argument(
            "--compare",
            type=_read_fusion,
            metavar="NAME=VALUE,..",
            help="fuse otherwise too, and test the difference query by query: "
            + ", ".join(field.name for field in fields(FusionSettings)),
        )
        parser.add_argument("--json", type=Path, help="write the figures here too")

    def handle(self, *_: Any, **options: Any) -> None:
        """Load, measure, print."""
        former = signal.signal(signal.SIGTERM, _leave)
        try:
            judgments = _read(options["judgments"])
            encoder = Encoder(
                Path(settings.EMBEDDING_MODEL_DIR), threads=len(os.sched_getaffinity(0))
            )
            database = trial_database() if options["products"] else nullcontext()
            with database:
                if options["products"]:
                    _load(options["products"], encoder)
                values = _measure(encoder, judgments, options["compare"])
        except (EvaluationInputError, UnusableModelError, CatalogueError) as error:
            raise CommandError(str(error)) from None
        finally:
            signal.signal(signal.SIGTERM, former)
        dataset = options["judgments"].stem.removesuffix(".judgments")
        results = summarise(values)
        differences = _compare(values) if options["compare"] else {}
        if options["json"]:
            _write(options["json"], dataset, len(judgments), results, differences)
        self.stdout.write(_render(results, f"{dataset}: {len(judgments)} queries"))
        for metric, found in differences.items():
            self.stdout.write(
                f"hybrid against other, {metric}: {found.value:+.4f}  "
                f"[{found.low:+.4f}, {found.high:+.4f}]  p = {found.p:.3f}"
            )


def _read(source: Path) -> dict[str, dict[str, float]]:
    if source != DATABASE:
        return read_judgments(source)
    judgments = judgments_by_query()
    if not judgments:
        raise EvaluationInputError("Nobody has judged a list in the admin yet.")
    return judgments


def _read_fusion(text: str) -> FusionSettings:
    """The live settings with those changed that `text` names."""
    changed: dict[str, Any] = {}
    kinds = {
        field.name: int if field.name == "depth" else float for field in fields(FusionSettings)
    }
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name.strip() not in kinds:
            raise ArgumentTypeError(f"{name.strip()!r} is none of {', '.join(kinds)}")
        try:
            changed[name.strip()] = kinds[name.strip()](value)
        except ValueError:
            raise ArgumentTypeError(f"{value!r} is no value for {name.strip()}") from None
    return replace(fusion_settings(), **changed)


def _compare(values: Measured) -> dict[str, Difference]:
    ours, theirs = values[LIVE], values["other"]
    return {metric: paired_difference(ours[metric], theirs[metric]) for metric in METRICS}


def _leave(*_: Any) -> None:
    """End as Ctrl-C does, so that the throw-away database is dropped."""
    sys.exit(128 + signal.SIGTERM)


def _load(products: Path, encoder: Encoder) -> None:
    with _unannounced(), open_lines(str(products)) as lines:
        import_products(lines, "abort", Reporter())
    index_products()
    embed_with_progress(encoder)


@contextmanager
def _unannounced() -> Iterator[None]:
    """Keep workers, who look at the live database, from hearing of the trial's products."""
    products_changed.disconnect(refresh_changed_products)
    try:
        yield
    finally:
        products_changed.connect(refresh_changed_products)


def _measure(
    encoder: Encoder, judgments: dict[str, dict[str, float]], other: FusionSettings | None
) -> Measured:
    runners = make_runners(encoder, other)
    if bm25 := make_bm25():
        runners["bm25s"] = bm25
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("measuring", total=len(judgments))
        return measure_runners(runners, judgments, lambda: progress.advance(bar))


def _write(
    path: Path,
    dataset: str,
    queries: int,
    results: Results,
    differences: dict[str, Difference],
) -> None:
    metrics = {
        name: {metric: asdict(estimate) for metric, estimate in measured.items()}
        for name, measured in results.items()
    }
    document = {"dataset": dataset, "queries": queries, "live": LIVE, "metrics": metrics}
    if differences:
        document["live_minus_other"] = {m: asdict(found) for m, found in differences.items()}
    try:
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error}") from None


def _render(results: Results, title: str) -> str:
    table = Table(title=f"{title}, mean and 95 % interval")
    table.add_column("search")
    for metric in METRICS:
        table.add_column(metric)
    for name, measured in results.items():
        cells = [
            "-" if math.isnan(e.value) else f"{e.value:.3f}  [{e.low:.3f}, {e.high:.3f}]"
            for e in measured.values()
        ]
        table.add_row(f"{name} (live)" if name == LIVE else name, *cells)
    console = Console(width=100)
    with console.capture() as capture:
        console.print(table)
    return capture.get()
