"""Draw what the benchmark measured: `python -m benchmarks.search.plot FILE.json.. > FILE.svg`.

One panel tells how long a search takes, one what its parts cost, by the catalogue's size.
"""

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

from benchmarks.plots import Line, Panel, draw

SEARCH = {
    "uncached, median": ("one client", "uncached_server_p50"),
    "uncached, 95 of 100": ("one client", "uncached_server_p95"),
    "cached, median": ("one client", "cached_server_p50"),
    "model and statements bare": ("bare", "bare_p50"),
}
PARTS = {
    "whole search": ("bare", "server_processor_ms"),
    "ten nearest": ("vectors", "processor_ms"),
    "leg by words": ("words", "processor_ms"),
}

Figures = dict[str, dict[str, Any]]


def main() -> None:
    """Draw the files that are named, each of one size or more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    read = [json.loads(path.read_text()) for path in parser.parse_args().files]
    sizes = {int(size): figures for file in read for size, figures in file.items()}
    panels = [
        _panel("milliseconds of a search, in the view", SEARCH, sizes),
        _panel("milliseconds of the server's processor", PARTS, sizes),
    ]
    title = "A growing catalogue: what a search takes"
    sys.stdout.write("\n".join(draw(title, panels)) + "\n")


def _panel(title: str, names: dict[str, tuple[str, str]], sizes: dict[int, Figures]) -> Panel:
    lines = [
        Line(said, [
            (size, figures[part][name])
            for size, figures in sorted(sizes.items())
            if name in figures[part]
        ])
        for said, (part, name) in names.items()
    ]  # fmt: skip
    return Panel(title, lines, {size: f"{size:,}" for size in sizes}, math.log)


if __name__ == "__main__":
    main()
