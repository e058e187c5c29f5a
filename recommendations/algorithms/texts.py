"""Texts beside behaviour: what reads alike speaks for a product, too, in item-kNN.

Behaviour knows little of a product that few have met; its text is known from the first day. What
both say is summed, so that a product that nobody met is found by its text alone.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.ranking import top_k

# Where less than this is alike, the texts merely share a language.
LEAST_COSINE = 0.2
# Of a product's text neighbours so many speak for it, by the square of their cosine, which tells
# another colour of the same thing from a thing of the same kind.
SPOKEN = 20
BATCH = 512


def nearest_texts(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], depth: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `depth` nearest of all unit `vectors` to each of `rows`, best first, and the cosines."""
    cosines = vectors[rows] @ vectors.T
    cosines[np.arange(len(rows)), rows] = -np.inf
    best = top_k(cosines, depth)
    return best, np.take_along_axis(cosines, best, axis=1)


def similarity_of_vectors(vectors: NDArray[np.float32]) -> sp.csr_matrix:
    """Text similarities (products x products) of unit `vectors`; rows of zeros have none."""
    size = len(vectors)
    starts = range(0, size, BATCH)
    blocks = [np.arange(start, min(start + BATCH, size)) for start in starts]
    found = [nearest_texts(vectors, rows, SPOKEN) for rows in blocks]
    if not found:
        return sp.csr_matrix((0, 0), dtype=np.float32)
    columns = np.concatenate([best for best, _ in found])
    cosines = np.concatenate([values for _, values in found])
    rows = np.repeat(np.arange(size), columns.shape[1])
    return similarity_of_lists(rows, columns.ravel(), cosines.ravel(), size)


def similarity_of_lists(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    cosines: NDArray[np.floating],
    size: int,
) -> sp.csr_matrix:
    """Text similarities (size x size) of neighbours that are listed, n entries in all.

    `rows` ascend; within a row the nearest come first, and no column comes twice.
    """
    alike = np.isfinite(cosines) & (cosines >= LEAST_COSINE)
    rows, columns, cosines = rows[alike], columns[alike], cosines[alike]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    first = rank < SPOKEN
    values = np.square(cosines[first]).astype(np.float32)
    return sp.csr_matrix((values, (rows[first], columns[first])), shape=(size, size))


def join_texts(similarity: sp.csr_matrix, texts: sp.csr_matrix, weight: float) -> sp.csr_matrix:
    """`similarity` by behaviour and `texts` (both products x products) in one matrix.

    All that texts say is `weight` times all that behaviour says: each is on a scale of its own.
    """
    said, written = float(similarity.sum()), float(texts.sum())
    if weight <= 0 or written <= 0:
        return similarity
    scale = weight * said / written if said > 0 else weight
    joined = sp.csr_matrix(similarity + texts * np.float32(scale)).astype(np.float32)
    joined.sort_indices()
    return joined
