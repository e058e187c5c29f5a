"""A sparse matrix as compiled loops take it."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Rows(NamedTuple):
    """A sparse matrix: row r has `values` in `columns` from pointers[r] to pointers[r + 1]."""

    pointers: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: Floats


def as_rows(matrix: sp.csr_matrix) -> Rows:
    """`matrix` as compiled loops take it."""
    return Rows(
        matrix.indptr.astype(np.int64, copy=False),
        matrix.indices.astype(np.int32, copy=False),
        matrix.data.astype(np.float32, copy=False),
    )
