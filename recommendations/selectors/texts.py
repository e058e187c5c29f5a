"""How much the texts of products are alike, as the text neighbours have it."""

import numpy as np
import scipy.sparse as sp
from django.db import connection
from numpy.typing import NDArray

from recommendations.algorithms.texts import similarity_of_lists

_NEIGHBOURS = """
SELECT product_id, product_ids, scores FROM recommendations_textneighbours
WHERE product_id = ANY(%s) ORDER BY product_id
"""


def text_similarity(product_ids: NDArray[np.int64]) -> sp.csr_matrix:
    """Text similarities; rows and columns stand for `product_ids`, which ascend.

    Nothing is known of products that are not embedded yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURS, [product_ids.tolist()])
        found = cursor.fetchall()
    size, lengths = len(product_ids), [len(ids) for _, ids, _ in found]
    rows = np.repeat(np.searchsorted(product_ids, [key for key, _, _ in found]), lengths)
    ids = np.array([key for _, keys, _ in found for key in keys], dtype=np.int64)
    cosines = np.array([value for *_, values in found for value in values], dtype=np.float64)
    columns = np.minimum(np.searchsorted(product_ids, ids), max(size - 1, 0))
    here = product_ids[columns] == ids if size else np.zeros(0, dtype=bool)
    return similarity_of_lists(rows[here], columns[here], cosines[here], size)
