"""Measure training: `python -m benchmarks.recommendations [--scale 1] [--only training,…]`.

`training` beside bare implicit on data of MovieLens-20M's shape (64 factors, 15 iterations), `warm`
starts beside cold ones, and `folding`. Run it on a machine that does nothing else; `--scale 0.1` is
a tenth of the users and pairs. `without-gate` is `training` in half the time, for the gate fits a
model of its own, which is not counted but needs memory. `--json FILE` for machines.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.events.shop import open_services

# A tenth is enough for these to be told apart.
WARM_SCALE = 0.1


def measure_training(scale: float, *, gate: bool = True) -> dict[str, Any]:
    """Seconds and peak memory of both, and what ours takes to what bare implicit takes."""
    from benchmarks.recommendations.load import lay_log  # noqa: PLC0415 - Django must be set up
    from benchmarks.recommendations.shape import draw_pairs  # noqa: PLC0415

    bare = _run("benchmarks.recommendations.bare", str(scale))
    with open_services():
        started = time.perf_counter()
        lay_log(draw_pairs(scale))
        laid = round(time.perf_counter() - started, 1)
        ours = _run("benchmarks.recommendations.training", *(() if gate else ("--without-gate",)))
    whole = bare["fit"]["wall"] + bare["recommend"]["wall"]
    _show(bare, ours)
    return {"laid_seconds": laid, "bare": bare, "ours": ours,
            "ours_to_bare": round(ours["seconds"] / whole, 3),
            "like_for_like_to_bare": round(ours["like_for_like"] / whole, 3)}  # fmt: skip


def _show(bare: dict[str, Any], ours: dict[str, Any]) -> None:
    """Print where the seconds went; parts of a phase stand with its name, threads' overlap."""
    rows = {f"implicit: {name}": bare[name] for name in ("fit", "fit of ones", "recommend")}
    last = {"wall": ours["seconds"], "cpu": ours["cpu"], "database": ours["database_cpu"]}
    print(f"{'':28}{'wall s':>9}{'CPU s':>9}{'database':>10}")
    for name, spent in (rows | ours["phases"] | {"without the gate": last}).items():
        columns = f"{spent['wall']:9.2f}{spent['cpu']:9.2f}{spent.get('database', 0.0):10.2f}"
        print(f"{name:28}{columns}")


def measure_warm(scale: float) -> dict[str, Any]:
    """See benchmarks.recommendations.warm."""
    return _run("benchmarks.recommendations.warm", str(min(scale, WARM_SCALE)))


def measure_folding(_: float) -> dict[str, Any]:
    """See benchmarks.recommendations.folding."""
    from benchmarks.recommendations import folding  # noqa: PLC0415 - Django must be set up

    with open_services():
        return folding.measure_folding()


PARTS: dict[str, Callable[[float], dict[str, Any]]] = {
    "training": measure_training,
    "without-gate": partial(measure_training, gate=False),
    "warm": measure_warm,
    "folding": measure_folding,
}


def _run(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", default="training,warm,folding", help="parts, separated by commas"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="part of MovieLens-20M (1)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    figures: dict[str, Any] = {"scale": options.scale}
    for name, measure in PARTS.items():
        if name in chosen:
            figures[name] = measure(options.scale)
            print(f"{name}: {json.dumps(figures[name])}   (load {os.getloadavg()[0]:.1f})")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
