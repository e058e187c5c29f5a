"""A warm start beside a cold one: processor seconds and nDCG@20 on pairs held back."""

import json
import sys
import time
from typing import Any

import numpy as np
import scipy.sparse as sp

from benchmarks.recommendations.shape import draw_pairs
from recommendations.algorithms.als import AlsSettings, ProductFactors, fit_als, fold_in_rows
from recommendations.algorithms.metrics import find_hits, ndcg
from recommendations.algorithms.ranking import exclude, top_k
from recommendations.algorithms.threads import single_threaded
from recommendations.algorithms.weighting import fit_bm25

HELD_BACK, NEW, TESTED, TOP = 0.1, 0.03, 3_000, 20


def main(scale: float) -> None:
    """Print the figures as JSON."""
    settings = AlsSettings()
    ones = draw_pairs(scale).matrix()
    weighted = fit_bm25(ones, settings.k1, settings.b).weigh(ones)
    weighted = weighted * (settings.confidence / weighted.data.mean())
    draw = np.random.default_rng(7).random(weighted.nnz)
    test = _select(weighted, draw < HELD_BACK)
    train = _select(weighted, draw >= HELD_BACK)
    earlier = _select(weighted, draw >= HELD_BACK + NEW)
    start = fit_als(earlier, settings).factors
    cold, cold_figures = _fit(train, test, settings, None)
    _, warm_figures = _fit(train, test, settings, start)
    ratio = warm_figures["seconds"] / cold_figures["seconds"]
    figures = {"cold": cold_figures, "warm": warm_figures, "warm_to_cold": round(ratio, 3)}
    print(json.dumps(figures | {"factors": cold.factors.shape}))


def _select(matrix: sp.csr_matrix, chosen: Any) -> sp.csr_matrix:
    rows = matrix.tocoo()
    parts = (rows.data[chosen], (rows.row[chosen], rows.col[chosen]))
    return sp.csr_matrix(parts, shape=matrix.shape)


def _fit(
    train: sp.csr_matrix, test: sp.csr_matrix, settings: AlsSettings, start: Any
) -> tuple[ProductFactors, dict[str, float]]:
    started = time.process_time()
    factors = fit_als(train, settings, start)
    seconds = round(time.process_time() - started, 2)
    return factors, {"seconds": seconds, "ndcg@20": round(_quality(factors, train, test), 5)}


def _quality(factors: ProductFactors, train: sp.csr_matrix, test: sp.csr_matrix) -> float:
    tested = np.flatnonzero(np.diff(test.indptr))[:TESTED]
    ranked = []
    with single_threaded():
        for begin in range(0, len(tested), 200):
            rows = train[tested[begin : begin + 200]]
            users, _ = fold_in_rows(factors, rows)
            scores = users.astype(np.float32) @ factors.factors.T
            exclude(scores, rows)
            ranked.append(top_k(scores, TOP))
    relevant = [test.indices[test.indptr[u] : test.indptr[u + 1]].astype(np.int64) for u in tested]
    hits = find_hits(np.concatenate(ranked), relevant)
    return float(ndcg(hits, np.array([len(one) for one in relevant])).mean())


if __name__ == "__main__":
    main(float(sys.argv[1]))
