"""Try parameters of the vector index: `python -m benchmarks.search.graphs --keep FOLDER …`.

On the catalogue that `python -m benchmarks.search --keep FOLDER --fill` made. For each of --graphs
(m:ef_construction) and --breadths (ef_search): recall@10 against an exact scan, the pages that a
scan reads, which no load of the machine changes, and the milliseconds of the server's processor.
The catalogue's own index is untouched.
"""

import argparse
import gzip
import json
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.events.shop import open_services
from benchmarks.search.legs import Nearest, scan, server_seconds
from benchmarks.search.vectors import read_vectors

_CREATE = """
CREATE INDEX tried ON search_productembedding USING hnsw (vector halfvec_cosine_ops)
WITH (m = {m}, ef_construction = {ef_construction})"""


def main() -> None:
    """Build each, and search it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, required=True, help="where the catalogue is")
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="an exported model's folder")
    parser.add_argument("--graphs", default="24:128,16:256,16:400")
    parser.add_argument("--breadths", default="200,250,300,400")
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    with gzip.open(options.queries, "rt", encoding="utf-8") as file:
        queries = [json.loads(line)["query"] for line in file][: options.count]
    with open_services(options.keep.resolve()):
        from search.algorithms.encoder import Encoder  # noqa: PLC0415 - Django must be set up

        encoder = Encoder(options.model)
        vectors = np.array([encoder.encode_query(query) for query in queries])
        nearest = Nearest(*read_vectors(vectors.shape[1]), vectors)
        for graph in options.graphs.split(","):
            m, ef_construction = map(int, graph.split(":"))
            with _built(m, ef_construction) as seconds:
                print(f"m {m}, ef_construction {ef_construction}: built in {seconds:.0f} s")
                for breadth in map(int, options.breadths.split(",")):
                    print(f"  ef_search {breadth}   {_tell(nearest, vectors, breadth)}", flush=True)


@contextmanager
def _built(m: int, ef_construction: int) -> Iterator[float]:
    """The seconds that building such an index took; within, it is the only one."""
    from django.db import connection, transaction  # noqa: PLC0415 - Django must be set up

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute("DROP INDEX product_embedding_graph")
        started = time.perf_counter()
        cursor.execute(_CREATE.format(m=m, ef_construction=ef_construction))
        yield time.perf_counter() - started
        transaction.set_rollback(True)


def _tell(nearest: Nearest, vectors: Any, breadth: int) -> str:
    before = server_seconds()
    found, _ = scan(vectors, breadth)
    spent = 1000 * (server_seconds() - before) / (2 * len(vectors))  # scan asks twice
    recalls = [nearest.share_found(query, keys) for query, keys in enumerate(found)]
    return (
        f"recall@10 {statistics.mean(recalls):.4f}   least {min(recalls):.1f}   "
        f"pages {_pages(vectors[:60], breadth):,.0f}   processor {spent:.2f} ms"
    )


def _pages(vectors: Any, breadth: int) -> float:
    plans = scan(vectors, breadth, "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) ")[0]
    return statistics.mean(map(_pages_of, plans))


def _pages_of(plan: Sequence[str]) -> int:
    """The pages of the whole plan, which its first node tells."""
    line = next(line for line in plan if "Buffers: shared" in line)
    return sum(int(pages) for pages in re.findall(r"(?:hit|read)=(\d+)", line))


if __name__ == "__main__":
    main()
