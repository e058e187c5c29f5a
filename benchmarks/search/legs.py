"""Each leg beside what it approximates or is measured against, in one process and run."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.vectors import read_vectors
from search.algorithms.encoder import normalise_rows

K = 10
BREADTHS = (50, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000)
_NEAREST = f"""
SELECT product_id FROM search_productembedding ORDER BY vector <=> %s::halfvec LIMIT {K}"""
_OPTIONS = """
SELECT split_part(option, '=', 1), split_part(option, '=', 2)
FROM pg_class CROSS JOIN unnest(reloptions) AS option WHERE relname = 'product_embedding_graph'
"""

Keys = NDArray[np.int64]
Vectors = NDArray[np.float32]


def milliseconds(call: Callable[[Any], Any], values: Sequence[Any]) -> list[float]:
    """How long `call` takes with each of `values`."""
    times = []
    for value in values:
        started = time.perf_counter()
        call(value)
        times.append(1000 * (time.perf_counter() - started))
    return times


def measure_vectors(vectors: Sequence[Any], *, yardstick: bool) -> dict[str, float]:
    """The vector index against an exact scan (recall@10), as search asks it.

    With `yardstick` also hnswlib, with the same parameters, at the least breadth of search that
    finds as much. `processor` is what the server's process, or hnswlib's, spends on a query: it
    leaves out the way there and back, and what other programs take.
    """
    from search.selectors.statement import EF_SEARCH  # noqa: PLC0415 - Django must be set up

    queries = np.array(vectors, np.float32)
    stored, ids = read_vectors(queries.shape[1])
    nearest = Nearest(stored, ids, queries)
    before = server_seconds()
    found, times = scan(queries, EF_SEARCH)
    spent = 1000 * (server_seconds() - before) / (2 * len(queries))  # each is asked twice
    recalls = [nearest.share_found(query, keys) for query, keys in enumerate(found)]
    figures = {
        "recall@10": statistics.mean(recalls), "least recall@10": min(recalls),
        "ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[18],
        "processor_ms": spent,
    }  # fmt: skip
    if yardstick:
        figures |= _measure_hnswlib(stored, ids, queries, nearest, figures["recall@10"])
        figures["ratio"] = figures["ms"] / figures["hnswlib_ms"]
        figures["processor_ratio"] = spent / figures["hnswlib_processor_ms"]
    return figures


def server_seconds() -> float:
    """What the server's process behind this connection has spent of the processor's time."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    connection.ensure_connection()
    times = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(times.read_text().split()[0]) / 1e9


def scan(queries: Vectors, ef_search: int, prefix: str = "") -> tuple[list[list[Any]], list[float]]:
    """What the vector index finds for each query, and the milliseconds that each took.

    With `prefix` EXPLAIN, the plans in its place.
    """
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    statement = f"{prefix}{_NEAREST}"
    literals = ["[" + ",".join(map(repr, query.tolist())) + "]" for query in queries]
    with connection.cursor() as cursor:
        cursor.execute(f"SET hnsw.ef_search = {ef_search}")

        def ask(literal: str) -> list[Any]:
            cursor.execute(statement, [literal])
            return [row[0] for row in cursor.fetchall()]

        found = [ask(literal) for literal in literals]  # and warms the cache
        times = milliseconds(ask, literals)
        cursor.execute("RESET hnsw.ef_search")
    return found, times


def _measure_hnswlib(
    stored: NDArray[np.float16], ids: Keys, queries: Vectors, nearest: "Nearest", recall: float
) -> dict[str, float]:
    import hnswlib  # noqa: PLC0415 - a yardstick

    index = hnswlib.Index(space="cosine", dim=stored.shape[1])
    index.init_index(max_elements=len(stored), **_index_parameters())
    index.add_items(stored.astype(np.float32), ids)
    index.set_num_threads(1)
    for breadth in BREADTHS:
        index.set_ef(breadth)
        found = [index.knn_query(query, K)[0][0] for query in queries]
        reached = statistics.mean(nearest.share_found(*pair) for pair in enumerate(found))
        if reached >= recall:
            break
    before = time.process_time()
    times = milliseconds(lambda query: index.knn_query(query, K), list(queries))
    spent = 1000 * (time.process_time() - before) / len(queries)
    return {
        "hnswlib_processor_ms": spent,
        "hnswlib_recall@10": reached,
        "hnswlib_ef": breadth,
        "hnswlib_ms": statistics.median(times),
    }


def _index_parameters() -> dict[str, int]:
    """The vector index's, as hnswlib names them."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor:
        cursor.execute(_OPTIONS)
        options = dict(cursor.fetchall())
    return {"M": int(options["m"]), "ef_construction": int(options["ef_construction"])}


class Nearest:
    """How similar the K nearest of each query are, by comparing it with everything.

    What is as near as the last of them is as right as it, so recall counts by distance, as
    ann-benchmarks does: copies of products come in near-ties. The tolerance is the rounding of
    halfvecs.
    """

    TOLERANCE = 1e-4
    BLOCK = 50_000

    def __init__(self, stored: NDArray[np.float16], ids: Keys, queries: Vectors) -> None:
        """Compare `queries` (m, d) with `stored` (n, d), the vectors of the products `ids`."""
        self._places = {key: place for place, key in enumerate(ids.tolist())}
        self._stored, self._queries = stored, queries
        best = np.full((len(queries), K), -1.0, np.float32)
        for start in range(0, len(stored), self.BLOCK):
            block = normalise_rows(stored[start : start + self.BLOCK].astype(np.float32))
            best = np.partition(np.hstack([best, queries @ block.T]), -K, axis=1)[:, -K:]
        self._least = best.min(axis=1) - self.TOLERANCE

    def share_found(self, query: int, keys: Iterable[int]) -> float:
        """The share of the K nearest to the query of that number that `keys` hold."""
        found = self._stored[[self._places[key] for key in keys]].astype(np.float32)
        similar = normalise_rows(found) @ self._queries[query]
        return float(np.sum(similar >= self._least[query])) / K


def measure_words(queries: Sequence[str], *, yardstick: bool) -> dict[str, Any]:
    """The leg by words, a hundred deep, and its worst query.

    With `yardstick` also bm25s over the same lexemes.
    """
    from search.algorithms.query import parse_query  # noqa: PLC0415 - Django must be set up
    from search.selectors.candidates import Wanted, find_candidates  # noqa: PLC0415

    def search(query: str) -> None:
        find_candidates(Wanted(parse_query(query)))

    milliseconds(search, queries)  # warms the cache
    before = server_seconds()
    times = milliseconds(search, queries)
    spent = 1000 * (server_seconds() - before) / len(queries)
    worst = int(np.argmax(times))
    figures: dict[str, Any] = {
        "processor_ms": spent,
        "ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[18],
        "worst": queries[worst], "worst_ms": times[worst],
    }  # fmt: skip
    if yardstick:
        figures["bm25s_ms"] = _measure_bm25s(queries)
        figures["ratio"] = figures["ms"] / figures["bm25s_ms"]
    return figures


def _measure_bm25s(queries: Sequence[str]) -> float:
    from search.selectors.evaluation import make_bm25  # noqa: PLC0415 - Django must be set up

    bm25 = make_bm25()
    assert bm25, "bm25s is not installed"
    bm25(queries[0])
    return statistics.median(milliseconds(bm25, queries))
