"""Progress bars and tables for people at a terminal."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import orjson
from django.core.management.base import CommandError, OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from recommendations.services.training import TrainingReport

Stream = TextIO | OutputWrapper


class RichProgress:
    """A bar per phase where the stream is a terminal; else one line per phase."""

    def __init__(self, stream: Stream) -> None:
        self._console = Console(file=stream, width=None if stream.isatty() else 100)  # type: ignore[arg-type]
        self._bars = Progress(
            TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), console=self._console, disable=not stream.isatty(),
        )  # fmt: skip
        self._task: int | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._finish()
        self._bars.stop()

    def begin(self, phase: str, total: int | None = None) -> None:
        """A phase begins; the one before it is done."""
        self._finish()
        if self._bars.disable:
            self._console.print(f"{phase} …" if total is None else f"{phase}: {total:,} …")
        else:
            self._task = self._bars.add_task(phase, total=total)

    def advance(self, count: int) -> None:
        """So many more steps are done."""
        if self._task is not None:
            self._bars.advance(self._bars.task_ids[-1], count)

    def _finish(self) -> None:
        if self._task is not None:
            task = self._bars.tasks[-1]
            done = task.total or max(task.completed, 1)
            self._bars.update(task.id, total=done, completed=done)


def print_training(stream: Stream, report: TrainingReport) -> None:
    """What a training did, as a table."""
    table = Table(title=f"Run {report.run_id} is live", show_header=False)
    table.add_row("window", str(report.window))
    table.add_row("interactions", f"{report.events:,}")
    table.add_row("shoppers", f"{report.shoppers:,}, of whom {report.lists:,} have a list")
    table.add_row("products", f"{report.products:,}")
    phases = ", ".join(f"{name} {value:.1f} s" for name, value in report.seconds.items())
    table.add_row("time", phases)
    for name, metrics in report.metrics.get("metrics", {}).items():
        values = ", ".join(f"{metric} {of['value']:.3f}" for metric, of in metrics.items())
        table.add_row(name, values)
    gate = report.metrics.get("gate", {})
    for one in gate.get("comparisons", ()):
        interval = f"[{one['low']:+.3f}, {one['high']:+.3f}]"
        table.add_row(f"beside {one['against']}", f"{one['difference']:+.3f} {interval}")
    for told in (gate.get("refused"), gate.get("note")):
        if told:
            table.add_row("the gate", told)
    print_table(stream, table)


def print_table(stream: Stream, table: Table) -> None:
    """Print `table` 100 columns wide."""
    Console(file=stream, width=100).print(table)  # type: ignore[arg-type]


def write_json(path: Path, document: Any) -> None:
    """Write `document`; CommandError where `path` can't be written."""
    try:
        path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise CommandError(f"--json {path}: {error.strerror}.") from None
