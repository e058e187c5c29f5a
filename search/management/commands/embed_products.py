"""Index and embed the products whose text changed."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from search.algorithms.encoder import Encoder, UnusableModelError
from search.services.embedding import EmbeddingReport, count_stale, embed_products
from search.services.indexing import index_products


class Command(BaseCommand):
    """Brings keyword documents and embeddings up to date."""

    help = "Index and embed the products whose text changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many cores to use."""
        cores = len(os.sched_getaffinity(0))
        parser.add_argument("--threads", type=int, default=cores, help="default: all cores")

    def handle(self, *_: Any, **options: Any) -> None:
        """Index, embed, and say how many and how fast."""
        try:
            folder = Path(settings.EMBEDDING_MODEL_DIR)
            encoder = Encoder(folder, threads=max(options["threads"], 1))
        except UnusableModelError as error:
            raise CommandError(str(error)) from error
        indexed = index_products()
        report = embed_with_progress(encoder)
        self.stdout.write(
            f"indexed {len(indexed)}, embedded {report.embedded} products in "
            f"{report.seconds:.1f} s ({report.rate:.0f} products/s) by {report.model_version}"
        )


def embed_with_progress(encoder: Encoder) -> EmbeddingReport:
    """`embed_products` for all, with a bar on a terminal's standard error."""
    columns = (
        TextColumn("embedding"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]} products/s"), TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("", total=count_stale(encoder.model_version), rate="-")

        def advance(count: int) -> None:
            progress.advance(bar, count)
            speed = progress.tasks[0].speed
            progress.update(bar, rate=f"{speed:.0f}" if speed else "-")

        return embed_products(encoder, on_progress=advance)
