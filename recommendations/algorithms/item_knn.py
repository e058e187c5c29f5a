"""Item-kNN: products that the same shoppers took, by the dot product of BM25 weights."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recommendations.algorithms.interactions import cap_products
from recommendations.algorithms.threads import count_threads
from recommendations.algorithms.weighting import fit_bm25


@dataclass(frozen=True, slots=True)
class KnnSettings:
    """`neighbours` are kept per product; k1 and b are BM25's own usual values.

    A shopper is asked for with the `history` strongest products. Fitting looks at each pair of
    products of each shopper: where these would be more than `most_pairs`, only the strongest
    products of those with the longest histories count, who tell little about each.
    """

    neighbours: int = 100
    history: int = 300
    most_pairs: int = 300_000_000
    k1: float = 1.2
    b: float = 0.75
    threads: int = 0


def fit_item_knn(user_items: sp.csr_matrix, settings: KnnSettings) -> sp.csr_matrix:
    """Similarities (products x products): each row its product's nearest, itself left out."""
    from implicit.nearest_neighbours import all_pairs_knn  # noqa: PLC0415 - training alone needs it

    user_items = cap_products(user_items, longest_history(user_items, settings.most_pairs))
    weighted = fit_bm25(user_items, settings.k1, settings.b).weigh(user_items)
    nearest = all_pairs_knn(
        weighted.astype(np.float64),
        settings.neighbours + 1,
        num_threads=count_threads(settings.threads),
        show_progress=False,
    ).tocsr()
    nearest.setdiag(0.0)
    nearest.eliminate_zeros()
    nearest.sort_indices()
    return nearest.astype(np.float32)


def longest_history(user_items: sp.csr_matrix, most_pairs: int) -> int:
    """The greatest n such that n products of each shopper make at most `most_pairs` pairs."""
    lengths = np.sort(np.diff(user_items.indptr)).astype(np.int64)
    if not len(lengths) or int((lengths * lengths).sum()) <= most_pairs:
        return int(lengths.max(initial=1))
    # Capped at the length of shopper i, all before it count in full and the rest as much as it.
    whole = np.concatenate([[0], np.cumsum(lengths * lengths)[:-1]])
    pairs = whole + lengths * lengths * np.arange(len(lengths), 0, -1)
    first = int(np.searchsorted(pairs, most_pairs, side="right"))
    left = (most_pairs - int(whole[first])) / (len(lengths) - first)
    return max(int(left**0.5), 1)


def knn_queries(user_items: sp.csr_matrix, settings: KnnSettings) -> sp.csr_matrix:
    """What a shopper's row is multiplied with the similarities as: square roots of confidences.

    What the shopper took is a stronger sign than how much of it.
    """
    capped = cap_products(user_items, settings.history)
    return sp.csr_matrix((np.sqrt(capped.data), capped.indices, capped.indptr), shape=capped.shape)
