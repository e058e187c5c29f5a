"""Item-kNN: products that the same shoppers took, by the dot product of BM25 weights."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recommendations.algorithms.weighting import fit_bm25


@dataclass(frozen=True, slots=True)
class KnnSettings:
    """`neighbours` are kept per product; k1 and b are BM25's own usual values."""

    neighbours: int = 100
    k1: float = 1.2
    b: float = 0.75
    threads: int = 0


def fit_item_knn(user_items: sp.csr_matrix, settings: KnnSettings) -> sp.csr_matrix:
    """Similarities (products x products): each row its product's nearest, itself left out."""
    from implicit.nearest_neighbours import all_pairs_knn  # noqa: PLC0415 - training alone needs it

    weighted = fit_bm25(user_items, settings.k1, settings.b).weigh(user_items)
    nearest = all_pairs_knn(
        weighted.astype(np.float64),
        settings.neighbours + 1,
        num_threads=settings.threads,
        show_progress=False,
    ).tocsr()
    nearest.setdiag(0.0)
    nearest.eliminate_zeros()
    nearest.sort_indices()
    return nearest.astype(np.float32)


def knn_queries(user_items: sp.csr_matrix) -> sp.csr_matrix:
    """What a shopper's row is multiplied with the similarities as: square roots of confidences.

    What the shopper took is a stronger sign than how much of it.
    """
    queries = user_items.copy()
    queries.data = np.sqrt(queries.data)
    return queries
