"""`manage.py evaluate_demand_model`: elasticities and forecasts on a weekly panel of sales."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from pricing.exceptions import UnreadablePanelError
from pricing.services.demand_evaluation import DemandEvaluation, evaluate_panel


class Command(BaseCommand):
    """Fit on four fifths of the weeks, forecast the last fifth week by week."""

    help = __doc__
    # It needs neither the shop nor its database.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The panel, and where the JSON goes."""
        parser.add_argument(
            "file", type=Path, metavar="FILE",
            help="CSV with a heading store,product,week,price,units; .gz or plain",
        )  # fmt: skip
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")

    def handle(self, **options: Any) -> None:
        """Evaluate and print."""
        try:
            found = evaluate_panel(options["file"])
        except UnreadablePanelError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            _write_json(options["json"], _to_document(options["file"].name, found))
        Console(file=self.stdout, width=100).print(_to_table(found))  # type: ignore[arg-type]


def _write_json(path: Path, document: dict[str, Any]) -> None:
    try:
        path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise CommandError(f"--json {path}: {error.strerror}.") from None


def _to_document(name: str, found: DemandEvaluation) -> dict[str, Any]:
    pooled, wape = found.elasticities.pooled, found.wape
    return {
        "dataset": name,
        "elasticity": {"value": pooled.value, "low": pooled.low, "high": pooled.high},
        "wape": {
            "model": wape.model,
            "naive": wape.naive,
            "moving_average": wape.moving_average,
        },
        "rows": found.rows,
        "seconds": found.seconds,
        "details": {
            "effects": ["store and product", "week"],
            "rows_with_sales": found.elasticities.rows,
            "rows_forecast": wape.rows,
            "model": wape.chosen,
            "wape_constant_elasticity": wape.elastic,
            "products": _quantiles(found),
            "left_out": {name: getattr(found.left_out, name) for name in found.left_out.__slots__},
        },
    }


def _quantiles(found: DemandEvaluation) -> dict[str, float]:
    values = found.elasticities.products.values
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
    return {"count": len(values), "p10": low, "p50": middle, "p90": high}


def _to_table(found: DemandEvaluation) -> Table:
    pooled, wape, left = found.elasticities.pooled, found.wape, found.left_out
    products = _quantiles(found)
    table = Table(title=f"{found.rows:,} rows in {found.seconds:.1f} s", show_header=False)
    table.add_row("elasticity", f"{pooled.value:.2f} [{pooled.low:.2f}, {pooled.high:.2f}]")
    table.add_row("", "log units on log price, within store and product and within week,")
    table.add_row("", "rows with sales; 95 % interval, clustered by product and by store")
    table.add_row(
        f"{products['count']:,} products",
        f"half below {products['p50']:.2f}, a tenth below {products['p10']:.2f}, "
        f"a tenth above {products['p90']:.2f}, drawn in towards all",
    )
    table.add_row("WAPE, model", f"{wape.model:.3f} ({wape.chosen})")
    table.add_row("WAPE, naive", f"{wape.naive:.3f} (last week)")
    table.add_row("WAPE, moving average", f"{wape.moving_average:.3f} (last four weeks)")
    table.add_row("", f"{wape.rows:,} rows of the last fifth of the weeks, one week ahead")
    for count, what in (
        (left.without_price, "without a price: left out"),
        (left.without_units, "without units: left out"),
        (left.repeated, "of the same store, product and week: joined"),
        (left.returned, "with negative units: counted as none sold"),
    ):
        if count:
            table.add_row("note", f"{count:,} rows {what}")
    return table
