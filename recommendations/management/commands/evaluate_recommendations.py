"""`manage.py evaluate_recommendations`: how well each strategy foresees what shoppers take."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from recommendations.algorithms.evaluation import LIVE, Evaluation, to_document
from recommendations.exceptions import UnreadableInteractionsError
from recommendations.management.console import print_table, write_json
from recommendations.services.evaluation import SPLIT_FORMS, evaluate_file, parse_split

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
        parser.add_argument("--split", required=True, help=SPLIT_FORMS)
        parser.add_argument("--k", type=int, default=20, help="length of the list (20)")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")

    def handle(self, **options: Any) -> None:
        """Evaluate and print."""
        k: int = options["k"]
        if not 1 <= k <= MOST_K:
            raise CommandError(f"--k {k}: give a whole number from 1 to {MOST_K}.")
        try:
            rule = parse_split(options["split"])
            evaluation = evaluate_file(options["interactions"], rule, k)
        except (ValueError, UnreadableInteractionsError) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            document = {
                "dataset": options["interactions"].name,
                "split": options["split"],
                "users": evaluation.users,
                "live": LIVE,
                "metrics": to_document(evaluation),
            }
            write_json(options["json"], document)
        self._print(evaluation)

    def _print(self, evaluation: Evaluation) -> None:
        table = Table(title=f"{evaluation.users:,} users; 95 % bootstrap intervals")
        metrics = list(next(iter(evaluation.metrics.values())))
        table.add_column("strategy")
        for metric in metrics:
            table.add_column(metric, justify="right")
        for name, measured in evaluation.metrics.items():
            shown = f"{name} (live)" if name == LIVE else name
            cells = [f"{e.value:.3f} [{e.low:.3f}, {e.high:.3f}]" for e in measured.values()]
            table.add_row(shown, *cells)
        print_table(self.stdout, table)
