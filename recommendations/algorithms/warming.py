"""Have compiled what a shopper's list needs, before the first shopper waits for it."""

from collections import deque

import numpy as np
import scipy.sparse as sp

from recommendations.algorithms.als import ProductFactors
from recommendations.algorithms.blend import Model
from recommendations.algorithms.recommending import recommend_blocks
from recommendations.algorithms.weighting import Bm25


def warm_up() -> None:
    """Rank two products for one shopper: seconds where nothing is compiled yet, else a fraction."""
    ones, nothing = np.ones(2), sp.csr_matrix((2, 2), dtype=np.float32)
    factors = ProductFactors(np.ones((2, 2), np.float32), 1.0)
    bm25 = Bm25(1.0, ones.astype(np.float32))
    model = Model(factors, bm25, 1.0, 1.0, nothing, nothing, ones, ones)
    liked = sp.csr_matrix([[1.0, 0.0]])
    deque(recommend_blocks(model, liked, liked, 1), maxlen=0)
