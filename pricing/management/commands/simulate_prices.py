"""`manage.py simulate_prices --days N [--rule FILE]`: replay the past, and change nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from pricing.algorithms.outcomes import Estimate, draw_lines
from pricing.exceptions import RuleError
from pricing.management.commands.fit_demand_model import read_moment
from pricing.services.rule_files import read_rule
from pricing.services.simulating import Simulation, simulate_prices

MOST_DAYS = 366


class Command(BaseCommand):
    """Which prices would have been charged, how often clamped, and what they would have earned."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The window, the rule, and where the results go."""
        parser.add_argument("--days", type=int, required=True, help="how many to replay")
        parser.add_argument("--as-of", metavar="TIME", help="the end of the window (now)")
        parser.add_argument(
            "--rule", type=Path, metavar="FILE",
            help="JSON with a rule's fields; without it the rules in force are replayed",
        )  # fmt: skip
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
        parser.add_argument("--plot", type=Path, metavar="FILE", help="draw mean prices (SVG)")

    def handle(self, **options: Any) -> None:
        """Replay and print."""
        if not 1 <= options["days"] <= MOST_DAYS:
            raise CommandError(
                f"--days {options['days']}: give a whole number from 1 to {MOST_DAYS}."
            )
        end = read_moment(options["as_of"])
        try:
            rule = read_rule(options["rule"]) if options["rule"] else None
        except RuleError as error:
            where = f"{error.field}: " if error.field else ""
            raise CommandError(f"--rule {options['rule']}: {where}{error}") from None
        found = simulate_prices(options["days"], end, rule)
        if options["json"]:
            content = orjson.dumps(_to_document(found), option=orjson.OPT_INDENT_2)
            _write(options["json"], "--json", content + b"\n")
        if options["plot"]:
            days = [str(found.start.date()), *[""] * (options["days"] - 2), str(found.end.date())]
            drawn = draw_lines(
                "Mean price to list price", found.price_ratio, days[-options["days"] :]
            )
            _write(options["plot"], "--plot", drawn.encode())
        Console(file=self.stdout, width=100).print(_to_table(found))  # type: ignore[arg-type]


def _write(path: Path, option: str, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{option} {path}: {error.strerror}.") from None


def _to_document(found: Simulation) -> dict[str, Any]:
    return {
        "start": found.start, "end": found.end, "rounds": found.rounds,
        "variants": found.variants, "needs_person": found.needs_person,
        "clamps": found.clamps, "held": found.held, "price_ratio": found.price_ratio,
        "outcomes": {
            name: {
                what: {"value": e.value, "low": e.low, "high": e.high} for what, e in one.items()
            }
            for name, one in found.outcomes.items()
        },
        "changes": [
            {"variant": step.variant_id, "at": step.moment, "price": f"{step.price:f}"}
            for step in found.changes
        ],
    }  # fmt: skip


def _to_table(found: Simulation) -> Table:
    when = f"{found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}"
    title = f"{found.rounds:,} rounds, {found.variants:,} variants, {when}"
    table = Table("", "simulated", "actual", "difference", title=title)
    names = ("simulated", "actual", "difference")
    for what in ("units", "revenue", "margin"):
        table.add_row(f"expected {what}", *(_shown(found.outcomes[name][what]) for name in names))
    table.add_row("price changes", f"{len(found.changes):,}", "", "")
    table.add_row("for a person to agree", f"{found.needs_person:,}", "", "")
    for name, count in {**found.clamps, **found.held}.items():
        table.add_row(f"{name.replace('_', ' ')}", f"{count:,}", "", "")
    return table


def _shown(estimate: Estimate) -> str:
    return f"{estimate.value:,.0f} [{estimate.low:,.0f}, {estimate.high:,.0f}]"
