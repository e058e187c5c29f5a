"""What bare implicit takes: fit and recommend for all, in a process of its own."""

import json
import sys
import time

import numpy as np

from benchmarks.recommendations.memory import peak_memory
from benchmarks.recommendations.shape import draw_pairs

FACTORS, ITERATIONS, TOP = 64, 15, 20


def main(scale: float) -> None:
    """Print the seconds and the peak memory as JSON."""
    from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415 - after what it needs

    matrix = draw_pairs(scale).matrix()
    model = AlternatingLeastSquares(
        factors=FACTORS, iterations=ITERATIONS, regularization=10.0, random_state=7
    )
    started = time.perf_counter()
    model.fit(matrix, show_progress=False)
    fitted = time.perf_counter()
    model.recommend(np.arange(matrix.shape[0]), matrix, N=TOP)
    figures = {
        "pairs": int(matrix.nnz),
        "users": matrix.shape[0],
        "fit_seconds": round(fitted - started, 2),
        "recommend_seconds": round(time.perf_counter() - fitted, 2),
        "peak_gib": peak_memory(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(float(sys.argv[1]))
