"""Import products from a file of JSON lines."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from catalogue.exceptions import BadLineError, CatalogueError
from catalogue.services import ImportReport, LineFile, Reporter, import_products, open_lines


class Command(BaseCommand):
    """`import_products FILE [--on-error abort|skip]`."""

    help = "Import products from JSON lines (docs/schemas/product-line.schema.json)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="a .jsonl or .jsonl.gz file, or - for standard input")
        parser.add_argument(
            "--on-error",
            choices=["abort", "skip"],
            default="abort",
            help="a wrong line: store nothing of the file (default), or report it and go on",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Import, and say what was done."""
        try:
            with open_lines(options["file"]) as lines, self._reporter(lines) as reporter:
                report = import_products(lines, options["on_error"], reporter)
        except BadLineError as error:
            message = f"{options['file']}, {error} Nothing of the file was stored."
            raise CommandError(message) from None
        except CatalogueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_summary(report))

    @contextmanager
    def _reporter(self, lines: LineFile) -> Iterator[Reporter]:
        """Someone who tells of bad lines, and shows a bar on a terminal."""
        console = Console(stderr=True)
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
            TimeElapsedColumn(), console=console, disable=not console.is_terminal,
        )  # fmt: skip
        with bar:
            task = bar.add_task("importing products", total=lines.size)

            def show(report: ImportReport) -> None:
                bar.update(task, completed=lines.position, description=f"{report.read:,} products")

            yield Reporter(progress=show, bad_line=self._tell_bad, repeated=self._tell_repeated)

    def _tell_bad(self, problem: BadLineError) -> None:
        self.stderr.write(f"left out {problem}")

    def _tell_repeated(self, number: int, product_id: str, earlier: int) -> None:
        self.stderr.write(
            f"line {number}: product {product_id!r} is on line {earlier} already; the later wins"
        )


def _summary(report: ImportReport) -> str:
    text = (
        f"{report.created:,} products created, {report.updated:,} updated, "
        f"{report.unchanged:,} unchanged"
    )
    return text + (f"; {report.bad:,} of {report.read:,} lines left out" if report.bad else "")
