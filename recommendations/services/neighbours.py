"""Text neighbours: for each product the ones whose embeddings are nearest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from recommendations.algorithms.texts import BATCH, LEAST_COSINE, nearest_texts
from recommendations.services.progress import QUIET, Progress
from recommendations.services.store import array_text

DEPTH = 40

# Vectors in pgvector's binary form: two int16, then big-endian halves.
_EMBEDDINGS = """
SELECT e.product_id, e.text_hash, halfvec_send(e.vector),
  known.text_hash IS DISTINCT FROM e.text_hash OR known.model_version <> e.model_version
FROM search_productembedding AS e
JOIN search_indexstate AS state ON state.model_version = e.model_version
LEFT JOIN recommendations_textneighbours AS known ON known.product_id = e.product_id
WHERE e.vector IS NOT NULL
ORDER BY e.product_id
"""
_ANY_STALE = """
SELECT EXISTS (
  SELECT FROM search_productembedding AS e
  JOIN search_indexstate AS state ON state.model_version = e.model_version
  LEFT JOIN recommendations_textneighbours AS known ON known.product_id = e.product_id
  WHERE e.vector IS NOT NULL
    AND (known.text_hash IS DISTINCT FROM e.text_hash OR known.model_version <> e.model_version))
"""
_WRITE = """
INSERT INTO recommendations_textneighbours
  (product_id, model_version, text_hash, product_ids, scores, computed_at)
SELECT new.id, state.model_version, new.text_hash, new.product_ids::bigint[],
  new.scores::float8[], now()
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
  AS new (id, text_hash, product_ids, scores)
JOIN catalogue_product AS product ON product.id = new.id
CROSS JOIN search_indexstate AS state
ORDER BY new.id
ON CONFLICT (product_id) DO UPDATE SET
  model_version = EXCLUDED.model_version, text_hash = EXCLUDED.text_hash,
  product_ids = EXCLUDED.product_ids, scores = EXCLUDED.scores, computed_at = now()
"""


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Unit vectors (products, dimensions) under the live model, and which are new or changed."""

    product_ids: NDArray[np.int64]
    text_hashes: Sequence[str]
    vectors: NDArray[np.float32]
    stale: NDArray[np.bool_]


def update_neighbours(progress: Progress = QUIET) -> int:
    """Find the neighbours of products with a new embedding, and anew of those nearest to them.

    So a new product both has neighbours and is one at once. How many rows were written.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ANY_STALE)
        if not cursor.fetchone()[0]:
            return 0
    embeddings = _read()
    stale = np.flatnonzero(embeddings.stale)
    progress.begin("neighbours", len(stale))
    nearest = np.zeros(len(embeddings.stale), dtype=bool)
    for rows, columns in _write_all(embeddings, stale):
        nearest[columns] = True
        progress.advance(len(rows))
    nearest[stale] = False
    around = np.flatnonzero(nearest)
    for _ in _write_all(embeddings, around):
        pass
    return len(stale) + len(around)


def _read() -> Embeddings:
    with connection.cursor() as cursor:
        cursor.execute(_EMBEDDINGS)
        rows = cursor.fetchall()
    vectors = np.array(
        [np.frombuffer(row[2], dtype=">f2", offset=4) for row in rows], dtype=np.float32
    )
    vectors = vectors.reshape(len(rows), -1)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Embeddings(
        np.array([row[0] for row in rows], dtype=np.int64),
        [row[1] for row in rows],
        vectors,
        np.array([row[3] for row in rows], dtype=bool),
    )


def _write_all(
    embeddings: Embeddings, chosen: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Write the neighbours of `chosen` rows in batches; each batch and all its neighbours."""
    for start in range(0, len(chosen), BATCH):
        rows = chosen[start : start + BATCH]
        best, scores = nearest_texts(embeddings.vectors, rows, DEPTH)
        _write(embeddings, rows, best, scores)
        yield rows, np.unique(best)


def _write(
    embeddings: Embeddings,
    rows: NDArray[np.int64],
    best: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> None:
    ids, values = [], []
    for columns, cosines in zip(best, scores, strict=True):
        alike = cosines >= LEAST_COSINE
        ids.append(array_text(embeddings.product_ids[columns[alike]].tolist()))
        values.append(array_text(cosines[alike].round(4).astype(float).tolist()))
    hashes = [embeddings.text_hashes[row] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [embeddings.product_ids[rows].tolist(), hashes, ids, values])
