"""Measure the searches that serve against judgments made by people."""

import json
import math
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
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
from search.algorithms.metrics import METRICS
from search.exceptions import EvaluationInputError
from search.management.commands.embed_products import embed_with_progress
from search.receivers import refresh_changed_products
from search.selectors.evaluation import (
    Results,
    evaluate_runners,
    make_bm25,
    make_runners,
    read_judgments,
)
from search.services.indexing import index_products
from search.services.trial import trial_database

LIVE = "hybrid"


class Command(BaseCommand):
    """`evaluate_search --judgments F [--products F] [--json O]`."""

    help = (
        "Measure keyword, semantic and hybrid search, and BM25 beside them, against judgments. "
        "With --products, on a throw-away database that holds just those."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files in, file out."""
        parser.add_argument(
            "--judgments", type=Path, required=True, help="CSV: query, product_id, grade"
        )
        parser.add_argument("--products", type=Path, help="JSON lines, as for import_products")
        parser.add_argument("--json", type=Path, help="write the figures here too")

    def handle(self, *_: Any, **options: Any) -> None:
        """Load, measure, print."""
        former = signal.signal(signal.SIGTERM, _leave)
        try:
            judgments = read_judgments(options["judgments"])
            encoder = Encoder(
                Path(settings.EMBEDDING_MODEL_DIR), threads=len(os.sched_getaffinity(0))
            )
            database = trial_database() if options["products"] else nullcontext()
            with database:
                if options["products"]:
                    _load(options["products"], encoder)
                results = _measure(encoder, judgments)
        except (EvaluationInputError, UnusableModelError, CatalogueError) as error:
            raise CommandError(str(error)) from None
        finally:
            signal.signal(signal.SIGTERM, former)
        dataset = options["judgments"].stem.removesuffix(".judgments")
        if options["json"]:
            _write(options["json"], dataset, len(judgments), results)
        self.stdout.write(_render(results, f"{dataset}: {len(judgments)} queries"))


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


def _measure(encoder: Encoder, judgments: dict[str, dict[str, float]]) -> Results:
    runners = make_runners(encoder)
    if bm25 := make_bm25():
        runners["bm25s"] = bm25
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("measuring", total=len(judgments))
        return evaluate_runners(runners, judgments, lambda: progress.advance(bar))


def _write(path: Path, dataset: str, queries: int, results: Results) -> None:
    metrics = {
        name: {metric: asdict(estimate) for metric, estimate in measured.items()}
        for name, measured in results.items()
    }
    document = {"dataset": dataset, "queries": queries, "live": LIVE, "metrics": metrics}
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
