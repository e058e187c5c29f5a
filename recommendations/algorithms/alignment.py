"""A model seen from the products of another time."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.als import ProductFactors
from recommendations.algorithms.blend import Model
from recommendations.algorithms.weighting import Bm25


def align_model(model: Model, known: NDArray[np.int64], wanted: NDArray[np.int64]) -> Model:
    """`model`, whose columns stand for the products `known`, with the columns `wanted` instead.

    Both are ascending ids. What it does not know has no factors, no neighbours and no popularity.
    """
    columns = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    found = known[columns] == wanted if len(known) else np.zeros(len(wanted), dtype=bool)
    rows = np.flatnonzero(found)
    chosen = columns[rows]
    pick = sp.csr_matrix(
        (np.ones(len(rows), dtype=np.float32), (rows, chosen)), shape=(len(wanted), len(known))
    )

    def spread(values: NDArray[np.floating], empty: float) -> NDArray[np.float64]:
        placed = np.full(len(wanted), empty)
        placed[rows] = values[chosen]
        return placed

    factors = np.zeros((len(wanted), model.factors.factors.shape[1]), dtype=np.float32)
    factors[rows] = model.factors.factors[chosen]
    return replace(
        model,
        factors=ProductFactors(factors, model.factors.regularization),
        bm25=Bm25(model.bm25.k1, spread(model.bm25.length_norm, 1.0).astype(np.float32)),
        similarity=sp.csr_matrix(pick @ model.similarity @ pick.T),
        kinship=sp.csr_matrix(pick @ model.kinship @ pick.T),
        popularity=spread(model.popularity, 0.0),
        recent_popularity=spread(model.recent_popularity, 0.0),
    )
