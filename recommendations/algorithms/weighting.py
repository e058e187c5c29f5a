"""BM25 weights for user_items: common products and indiscriminate shoppers say less.

Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond": a product is
the document, a shopper the term.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Bm25:
    """BM25 as fitted: what a row that comes later needs to be weighted alike.

    `length_norm` (products,) grows with a product's share of all confidence.
    """

    k1: float
    length_norm: NDArray[np.float32]

    def weigh(self, user_items: sp.csr_matrix) -> sp.csr_matrix:
        """`user_items` (any shoppers x the fitted products), weighted."""
        lengths = np.diff(user_items.indptr)
        rarity = np.repeat(_inverse_frequency(lengths, user_items.shape[1]), lengths)
        values = user_items.data
        norm = self.k1 * self.length_norm[user_items.indices]
        weighted = values * (self.k1 + 1.0) / (norm + values) * rarity
        return sp.csr_matrix(
            (weighted, user_items.indices, user_items.indptr), shape=user_items.shape
        )


def fit_bm25(user_items: sp.csr_matrix, k1: float, b: float) -> Bm25:
    """BM25 with saturation `k1` and length normalisation `b` in [0, 1]."""
    totals = np.asarray(user_items.sum(axis=0)).ravel()
    mean = totals.mean() if len(totals) else 0.0
    relative = totals / mean if mean > 0 else np.ones_like(totals)
    return Bm25(k1, (1.0 - b + b * relative).astype(np.float32))


def _inverse_frequency(counts: NDArray[np.integer], total: int) -> NDArray[np.float64]:
    """BM25's inverse document frequency, in the form that is never negative."""
    return np.asarray(np.log1p((total - counts + 0.5) / (counts + 0.5)), dtype=np.float64)
