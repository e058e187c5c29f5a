"""Measure ingestion on a throw-away shop: `python -m benchmarks.events [--only sink,single,..]`.

`single` events and `batches` over HTTP, single ones with a `broker` that never answers, the `sink`
against COPY, and one Celery `task` for each event. Run it on a machine that does nothing else.
`--json FILE` for machines. What a growing log does is `python -m benchmarks.events.growth`.
"""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.events import http
from benchmarks.events.shop import Shop, open_shop
from benchmarks.events.sink import measure_sink
from benchmarks.events.task_each import measure_task_each

PARTS: dict[str, Callable[[Shop, argparse.Namespace], dict[str, Any]]] = {
    "single": lambda shop, options: http.measure_singles(shop, options.seconds),
    "batches": lambda shop, options: http.measure_batches(shop, options.seconds, options.batch),
    "broker": lambda shop, options: http.measure_black_hole(shop, options.seconds),
    "sink": lambda _, __: measure_sink(),
    "task": lambda _, __: measure_task_each(),
}


def main() -> None:
    """Measure the parts that are asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    http.add_arguments(parser)
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    figures: dict[str, Any] = {}
    with open_shop() as shop:
        for name in chosen:
            figures[name] = PARTS[name](shop, options)
            _tell(name, figures[name])
    if {"batches", "task"} <= set(figures):
        rates = [figures[name]["events_per_second"] for name in ("batches", "task")]
        figures["batches_to_task"] = rates[0] / rates[1]
        print(f"batches to a task each: {figures['batches_to_task']:.1f} times")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def _tell(name: str, figures: dict[str, Any]) -> None:
    load = os.getloadavg()[0]
    shown = "   ".join(
        f"{key} {value:,.4g}" for key, value in figures.items() if isinstance(value, int | float)
    )
    print(f"{name:8} {shown}   (load {load:.1f})", flush=True)


if __name__ == "__main__":
    main()
