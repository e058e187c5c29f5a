"""`manage.py evaluate_recommendations`: how well each strategy foresees what shoppers take."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from catalogue.exceptions import ImportFileError
from recommendations.algorithms.evaluation import (
    LIVE,
    Evaluation,
    bands_document,
    to_document,
)
from recommendations.algorithms.metrics import Estimate
from recommendations.algorithms.tuning import Tuning
from recommendations.exceptions import UnreadableInteractionsError
from recommendations.management.console import print_table, write_json
from recommendations.services.evaluation import SPLIT_FORMS, TextsOf, evaluate_file, parse_split
from recommendations.services.product_files import file_similarity
from search.algorithms.encoder import Encoder, UnusableModelError

MOST_K = 1_000


class Command(BaseCommand):
    """Train on one part of a file of interactions, test on the other."""

    help = __doc__
    # It needs neither the shop nor its database.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, the split, the cut-off, and where the JSON goes."""
        parser.add_argument(
            "--interactions", type=Path, required=True, metavar="FILE",
            help="events as JSON lines, or CSV user,item,timestamp,weight; .gz or plain",
        )  # fmt: skip
        parser.add_argument(
            "--products", metavar="FILE",
            help="the import file of the products: their texts speak, too, as they do in a shop",
        )  # fmt: skip
        parser.add_argument("--split", required=True, help=SPLIT_FORMS)
        parser.add_argument("--k", type=int, default=20, help="length of the list (20)")
        parser.add_argument(
            "--tune", choices=("auto", "on", "off"), default="auto",
            help="search for settings on a part of the training part; auto: where the split holds "
            "out a share",
        )  # fmt: skip
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")

    def handle(self, **options: Any) -> None:
        """Evaluate and print."""
        k: int = options["k"]
        if not 1 <= k <= MOST_K:
            raise CommandError(f"--k {k}: give a whole number from 1 to {MOST_K}.")
        try:
            rule = parse_split(options["split"])
            tuned = {"auto": None, "on": True, "off": False}[options["tune"]]
            found = evaluate_file(
                options["interactions"], rule, k, tuned=tuned, texts_of=_texts_of(options)
            )
        except (
            ValueError, UnreadableInteractionsError, ImportFileError, UnusableModelError,
        ) as error:  # fmt: skip
            raise CommandError(str(error)) from None
        evaluation = found.evaluation
        if options["json"]:
            document = {
                "dataset": options["interactions"].name,
                "split": options["split"],
                "users": evaluation.users,
                "tuning": _tuning(found.tuning),
                "live": LIVE,
                "metrics": to_document(evaluation),
                "bands": bands_document(evaluation),
            }
            write_json(options["json"], document)
        self._print(evaluation)
        if found.tuning:
            self.stdout.write(f"Settings searched for in training: {_tuning(found.tuning)}")

    def _print(self, evaluation: Evaluation) -> None:
        title = f"{evaluation.users:,} users; nDCG with 95 % bootstrap intervals"
        table = Table("strategy", title=title)
        metrics = list(next(iter(evaluation.metrics.values())))
        for metric in metrics:
            table.add_column(metric, justify="right")
        for name, measured in evaluation.metrics.items():
            cells = (_cell(metric, value) for metric, value in measured.items())
            table.add_row(f"{name} (live)" if name == LIVE else name, *cells)
        print_table(self.stdout, table)
        print_table(self.stdout, _bands(evaluation))


def _texts_of(options: dict[str, Any]) -> TextsOf | None:
    if not options["products"]:
        return None
    encoder = Encoder(Path(settings.EMBEDDING_MODEL_DIR), threads=len(os.sched_getaffinity(0)))
    return lambda products: file_similarity(options["products"], products, encoder)


def _tuning(tuning: Tuning | None) -> dict[str, Any] | None:
    """What a search chose, and what it reached on its own split beside the usual settings."""
    if tuning is None:
        return None
    best = tuning.best.settings
    return {
        "trials": tuning.trials,
        "ndcg": round(tuning.best.ndcg, 5),
        "ndcg_before": round(tuning.first.ndcg, 5),
        "blend": best.blend,
        "factors": best.als.factors,
        "confidence": best.als.confidence,
        "regularization": best.als.regularization,
        "b": best.als.b,
        "text_weight": best.text_weight,
    }


def _cell(metric: str, estimate: Estimate) -> str:
    if metric.startswith("ndcg"):
        return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"
    return f"{estimate.value:.3f}"


def _bands(evaluation: Evaluation) -> Table:
    table = Table("products known", "users", title=f"nDCG@{evaluation.k} by activity")
    for name in evaluation.metrics:
        table.add_column(name, justify="right")
    for band in evaluation.bands:
        values = (found[f"ndcg@{evaluation.k}"].value for found in band.metrics.values())
        table.add_row(band.label, f"{band.users:,}", *(f"{value:.3f}" for value in values))
    return table
