"""`manage.py run_pipeline`: index, embed, train and go live, decide prices, suggest, now."""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from recommendations.exceptions import RecommendationsError
from recommendations.management.commands.train_recommendations import (
    add_window_arguments,
    window_from,
)
from recommendations.management.console import RichProgress, print_table, write_json
from recommendations.services.pipeline import PipelineReport, blend_ndcg, run_pipeline


class Command(BaseCommand):
    """The whole chain in the foreground, with a summary beside the run before."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The window, and where the JSON goes."""
        add_window_arguments(parser)
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")

    def handle(self, **options: Any) -> None:
        """Run and print."""
        try:
            with RichProgress(self.stderr) as progress:
                report = run_pipeline(window_from(options), progress)
        except RecommendationsError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            write_json(options["json"], _document(report))
        print_table(self.stdout, _table(report))
        for note in report.notes:
            self.stdout.write(self.style.WARNING(note))


def _table(report: PipelineReport) -> Table:
    before, training = report.before, report.training
    title = f"Run {training.run_id} is live" if training else "No new run"
    table = Table("", "now", f"run {before.run_id}" if before else "before", title=title)

    def row(name: str, now: Any, earlier: Any = None) -> None:
        table.add_row(name, _shown(now), _shown(earlier))

    row("indexed products", report.indexed)
    embedding = report.embedding
    row("embedded products", embedding.embedded if embedding else None)
    row("embedded per second", embedding.rate if embedding else None)
    row("neighbour lists", report.neighbours)
    if training:
        row("interactions", training.events, before and before.events)
        row("shoppers", training.shoppers, before and before.shoppers)
        row("products with behaviour", training.products, before and before.products)
        row("shoppers' lists", training.lists)
        row("training seconds", training.seconds["total"], before and before.seconds)
        row("nDCG@20", blend_ndcg(training.metrics), before and before.ndcg)
    if report.prices:
        row("products with new signals", report.prices.signals)
        row("elasticity of demand", f"{report.prices.elasticity:.2f}")
        for name in ("considered", "applied", "pending"):
            row(f"prices {name}", report.prices.decided.get(name))
    if report.suggestions:
        row("suggested queries", report.suggestions.queries)
        row("terms of suggestions", report.suggestions.terms)
    for step, seconds in report.seconds.items():
        row(f"{step}, seconds", seconds)
    return table


def _shown(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if value < 1 else f"{value:,.1f}"


def _document(report: PipelineReport) -> dict[str, Any]:
    document = asdict(report)
    if report.embedding:
        document["embedding"]["rate"] = report.embedding.rate
    return document
