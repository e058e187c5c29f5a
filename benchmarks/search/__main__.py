"""Measure search on a throw-away shop: `python -m benchmarks.search --products FILE …`.

For each of --sizes a catalogue is made of the products of FILE (JSON lines, gzip), above their
number of copies with other words. --queries is JSON lines with a field `query`. The endpoint, one
client and eight; the same model and statement bare; each leg beside its yardstick, up to 100,000
products. `--json` for machines. Run it on a machine that does nothing else.

A large catalogue takes long to make: with `--keep FOLDER` (and one size) it stays there for the
next run, and `--fill` makes it and measures nothing.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.events.shop import Shop, open_services, web_server
from benchmarks.search.catalogue import fill_catalogue, is_filled
from benchmarks.search.endpoint import measure_beside_bare, measure_endpoint
from benchmarks.search.legs import measure_vectors, measure_words

# So many products or fewer, and the yardsticks, which hold them all in memory, are measured too.
COMPARED = 100_000


def main() -> None:
    """Measure every size, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="an exported model's folder")
    parser.add_argument("--sizes", default="10000,43000")
    parser.add_argument("--count", type=int, default=400, help="queries of each measurement")
    parser.add_argument(
        "--embedded", type=int, default=50_000, help="so many titles go through the model"
    )
    parser.add_argument("--keep", type=Path, help="a folder that the catalogue stays in")
    parser.add_argument("--fill", action="store_true", help="measure nothing")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["EMBEDDING_MODEL_DIR"] = str(options.model.resolve())
    with gzip.open(options.queries, "rt", encoding="utf-8") as file:
        typed = [json.loads(line)["query"] for line in file]
    # Each is embedded once: a process remembers the vectors of those that it has met.
    parts = [typed[n * options.count : (n + 1) * options.count] for n in range(3)]
    sizes = options.sizes.split(",")
    if options.keep and len(sizes) > 1:
        parser.error("a kept catalogue has one size")
    if len(sizes) > 1:
        # Django keeps to the database that it met first: each size has a process of its own.
        figures = {size: _measure_apart(size) for size in sizes}
    else:
        figures = {sizes[0]: _measure(int(sizes[0]), options, *parts)}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def _measure_apart(size: str) -> Any:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        own = ["--sizes", size, "--json", file.name]
        subprocess.run([sys.executable, "-m", "benchmarks.search", *sys.argv[1:], *own], check=True)
        return json.loads(Path(file.name).read_text())[size]


def _measure(
    size: int,
    options: argparse.Namespace,
    queries: list[str],
    others: list[str],
    further: list[str],
) -> dict[str, Any]:
    with open_services(options.keep and options.keep.resolve()):
        from partners.services import create_api_key  # noqa: PLC0415 - Django must be set up
        from search.algorithms.encoder import QUERIES, Encoder  # noqa: PLC0415

        if not is_filled():
            encoder = Encoder(options.model, threads=os.cpu_count() or 1)
            fill_catalogue(options.products, size, encoder, options.embedded)
        if options.fill:
            return {}
        encoder = Encoder(options.model, graph=QUERIES)
        vectors = [encoder.encode_query(query) for query in queries]
        # The legs first: what they read is warm for the endpoint, as it is in a shop that runs.
        figures: dict[str, Any] = {
            "vectors": measure_vectors(vectors, yardstick=size <= COMPARED),
            "words": measure_words(queries, yardstick=size <= COMPARED),
        }
        with web_server() as url:
            shop = Shop(url, create_api_key("benchmark", "secret"))
            figures |= measure_beside_bare(shop, queries, others, encoder)
            figures["eight clients"] = measure_endpoint(shop, further, others, 8)
    _tell(size, figures)
    return figures


def _tell(size: int, figures: dict[str, Any]) -> None:
    print(f"{size:,} products (load {os.getloadavg()[0]:.1f})")
    for name, values in figures.items():
        shown = "   ".join(f"{key} {_shown(value)}" for key, value in values.items())
        print(f"  {name:16} {shown}", flush=True)


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else f"{value:,.3g}"


if __name__ == "__main__":
    main()
