"""Each leg beside what it approximates or is measured against, in one process and run."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

K = 10


def milliseconds(call: Callable[[Any], Any], values: Sequence[Any]) -> list[float]:
    """How long `call` takes with each of `values`."""
    times = []
    for value in values:
        started = time.perf_counter()
        call(value)
        times.append(1000 * (time.perf_counter() - started))
    return times


def measure_vectors(vectors: Sequence[Any]) -> dict[str, float]:
    """The vector index against an exact scan (recall@10), and its time against hnswlib's."""
    import hnswlib  # noqa: PLC0415 - a yardstick
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    from search.selectors.statement import EF_SEARCH  # noqa: PLC0415

    stored, ids = _stored_vectors()
    index = hnswlib.Index(space="cosine", dim=stored.shape[1])
    index.init_index(max_elements=len(stored), ef_construction=128, M=24)
    index.add_items(stored, ids)
    index.set_ef(EF_SEARCH)
    index.set_num_threads(1)
    statement = (
        f"SELECT product_id FROM search_productembedding ORDER BY vector <=> %s::halfvec LIMIT {K}"
    )
    literals = ["[" + ",".join(map(repr, vector.tolist())) + "]" for vector in vectors]
    with connection.cursor() as cursor:
        cursor.execute(f"SET hnsw.ef_search = {EF_SEARCH}")

        def scan(literal: str) -> list[int]:
            cursor.execute(statement, [literal])
            return [row[0] for row in cursor.fetchall()]

        scan(literals[0])
        ours = milliseconds(scan, literals)
        found = [set(scan(literal)) for literal in literals]
        cursor.execute("RESET hnsw.ef_search")
    theirs = milliseconds(lambda vector: index.knn_query(vector, K), vectors)
    recall = [_share_near(*pair, stored, ids) for pair in zip(found, vectors, strict=True)]
    return {
        "recall@10": statistics.mean(recall),
        "ms": statistics.median(ours),
        "hnswlib_ms": statistics.median(theirs),
        "ratio": statistics.median(ours) / statistics.median(theirs),
    }


def _stored_vectors() -> tuple[Any, Any]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT product_id, vector::text FROM search_productembedding")
        rows = cursor.fetchall()
    stored = np.array([np.fromstring(text[1:-1], np.float32, sep=",") for _, text in rows])
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    return stored, np.array([key for key, _ in rows])


def _share_near(found: set[int], vector: Any, stored: Any, ids: Any) -> float:
    """The share of `found` that is as near as the K nearest: of equals any will do."""
    similar = stored @ vector
    least = np.partition(similar, -K)[-K] - 1e-4
    return float(np.sum(similar[np.isin(ids, list(found))] >= least)) / K


def measure_words(queries: Sequence[str]) -> dict[str, float]:
    """The leg by words, a hundred deep, and bm25s over the same lexemes; and the worst query."""
    from search.algorithms.query import parse_query  # noqa: PLC0415
    from search.selectors.candidates import Wanted, find_candidates  # noqa: PLC0415
    from search.selectors.evaluation import make_bm25  # noqa: PLC0415

    bm25 = make_bm25()
    assert bm25, "bm25s is not installed"
    bm25(queries[0])
    ours = milliseconds(lambda query: find_candidates(Wanted(parse_query(query))), queries)
    theirs = milliseconds(bm25, queries)
    worst = int(np.argmax(ours))
    print(f"         worst by words: {queries[worst]!r}, {ours[worst]:.1f} ms")
    return {
        "ms": statistics.median(ours),
        "p95_ms": statistics.quantiles(ours, n=20)[18],
        "bm25s_ms": statistics.median(theirs),
        "ratio": statistics.median(ours) / statistics.median(theirs),
    }
