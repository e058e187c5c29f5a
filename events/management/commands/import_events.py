"""Import events from a file of JSON lines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from catalogue.exceptions import ImportFileError
from catalogue.services import LineFile, open_lines
from events.exceptions import BadEventLineError
from events.services import ImportReport, import_events


class Command(BaseCommand):
    """`import_events FILE [--on-error abort|skip]`."""

    help = "Import events from JSON lines (docs/schemas/event-line.schema.json)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="a .jsonl or .jsonl.gz file, or - for standard input")
        parser.add_argument(
            "--on-error",
            choices=["abort", "skip"],
            default="abort",
            help="a wrong line: stop there (default; the same file may be imported again once it"
            " is mended), or keep it as a rejected event and go on",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Import, and say what was done."""
        latest = ImportReport()
        try:
            with open_lines(options["file"]) as lines, self._bar(lines) as show:

                def on_chunk(report: ImportReport) -> None:
                    nonlocal latest
                    latest = report
                    show(report)

                report = import_events(
                    lines,
                    skip_bad=options["on_error"] == "skip",
                    on_chunk=on_chunk,
                    on_bad=self._tell_bad,
                )
        except BadEventLineError as error:
            stands = f"The {latest.read:,} events before it are in; mend it and import again."
            raise CommandError(f"{options['file']}, {error} {stands}") from None
        except ImportFileError as error:
            raise CommandError(f"{error} {_standing(latest)}".strip()) from None
        self.stdout.write(_summary(report))

    @contextmanager
    def _bar(self, lines: LineFile) -> Iterator[Callable[[ImportReport], None]]:
        """A bar on a terminal, nothing elsewhere."""
        console = Console(stderr=True)
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
            TimeElapsedColumn(), console=console, disable=not console.is_terminal,
        )  # fmt: skip
        with bar:
            task = bar.add_task("importing events", total=lines.size)
            yield lambda report: bar.update(
                task, completed=lines.position, description=f"{report.read:,} events"
            )

    def _tell_bad(self, error: BadEventLineError) -> None:
        self.stderr.write(f"rejected {error}")


def _standing(report: ImportReport) -> str:
    return f"The {report.read:,} events before that are in." if report.read else ""


def _summary(report: ImportReport) -> str:
    outcomes = report.outcomes
    text = (
        f"{outcomes['stored']:,} events stored, {outcomes['duplicate']:,} there already, "
        f"{outcomes['rejected']:,} rejected"
    )
    if not report.rejections:
        return text
    reasons = ", ".join(f"{code} {count:,}" for code, count in report.rejections.most_common())
    return f"{text} ({reasons})"
