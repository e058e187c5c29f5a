"""What bare implicit takes: fit and recommend for all, in a process of its own.

The pairs are weighted by BM25, as implicit's own tutorial does it. Where each weighs 1, its solver
has less to do (BLAS leaves out what is multiplied by 0): that fit is timed beside it. It is told to
take as many threads as a training takes here; left to itself it would heed OMP_NUM_THREADS.
"""

import json
import sys
import time
from typing import Any

import numpy as np
import scipy.sparse as sp

from benchmarks.recommendations.memory import peak_memory
from benchmarks.recommendations.shape import draw_pairs
from recommendations.algorithms.threads import count_threads

FACTORS, ITERATIONS, TOP = 64, 15, 20


def main(scale: float) -> None:
    """Print the seconds and the peak memory as JSON."""
    from implicit.nearest_neighbours import bm25_weight  # noqa: PLC0415 - training alone needs it

    ones = draw_pairs(scale).matrix()
    weighted = bm25_weight(ones, K1=100, B=0.8).tocsr().astype(np.float32)
    model, fitted = _fit(weighted)
    started, begun = time.perf_counter(), time.process_time()
    model.recommend(np.arange(ones.shape[0]), weighted, N=TOP)
    recommended = (time.perf_counter() - started, time.process_time() - begun)
    peak = peak_memory()
    _, of_ones = _fit(ones)
    figures = {
        "pairs": int(ones.nnz),
        "users": ones.shape[0],
        "fit": _figures(fitted),
        "fit of ones": _figures(of_ones),
        "recommend": _figures(recommended),
        "peak_gib": peak,
    }
    print(json.dumps(figures))


def _fit(matrix: sp.csr_matrix) -> tuple[Any, tuple[float, float]]:
    """A model, and the seconds by the clock and of processors that it took."""
    from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415 - after what it needs

    model = AlternatingLeastSquares(
        factors=FACTORS, iterations=ITERATIONS, regularization=10.0, random_state=7,
        num_threads=count_threads(0),
    )  # fmt: skip
    started, begun = time.perf_counter(), time.process_time()
    model.fit(matrix, show_progress=False)
    return model, (time.perf_counter() - started, time.process_time() - begun)


def _figures(seconds: tuple[float, float]) -> dict[str, float]:
    return {"wall": round(seconds[0], 2), "cpu": round(seconds[1], 2)}


if __name__ == "__main__":
    main(float(sys.argv[1]))
