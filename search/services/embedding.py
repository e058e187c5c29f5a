"""Keep the embeddings what the products' texts are, under the model at hand."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from search.algorithms.encoder import Encoder, normalise_rows
from search.selectors.texts import PRODUCT_TEXTS

# Texts read, encoded, written and committed together: enough for batches of like length, few
# enough that a stopped run loses seconds.
CHUNK = 1_000

# Documents without a vector of this text under this model, in ascending order of product id.
_STALE = """
FROM search_productdocument AS document
LEFT JOIN search_productembedding AS known
  ON known.product_id = document.product_id AND known.model_version = %(model)s
WHERE known.text_hash IS DISTINCT FROM document.text_hash
  AND (%(ids)s::bigint[] IS NULL OR document.product_id = ANY(%(ids)s::bigint[]))
"""
_COUNT = f"SELECT count(*) {_STALE}"
_NEXT = f"""
SELECT document.product_id {_STALE} AND document.product_id > %(after)s
ORDER BY document.product_id LIMIT {CHUNK}
"""
_TEXTS = f"SELECT product_id, text_hash, title, text FROM ({PRODUCT_TEXTS}) AS texts"  # noqa: S608 - constants
# A product deleted meanwhile has no row to join. Ids ascend, so that two runs never deadlock.
_STORE = """
INSERT INTO search_productembedding (product_id, model_version, text_hash, vector, updated_at)
SELECT new.id, %(model)s, new.text_hash, new.vector::halfvec, now()
FROM unnest(%(ids)s::bigint[], %(hashes)s::text[], %(vectors)s::text[])
  AS new (id, text_hash, vector)
JOIN catalogue_product AS product ON product.id = new.id
ORDER BY new.id
ON CONFLICT (product_id, model_version) DO UPDATE
  SET text_hash = excluded.text_hash, vector = excluded.vector, updated_at = now()
"""
_BUMP = """
INSERT INTO search_indexstate AS state (id, generation, model_version) VALUES (1, 1, '')
ON CONFLICT (id) DO UPDATE SET generation = state.generation + 1
"""
# The vectors of the model before stay, for processes that still serve with it; older ones go.
_ADOPT = """
WITH former AS (SELECT model_version FROM search_indexstate),
adopted AS (
  INSERT INTO search_indexstate AS state (id, generation, model_version) VALUES (1, 1, %(model)s)
  ON CONFLICT (id) DO UPDATE
    SET model_version = excluded.model_version, generation = state.generation + 1
    WHERE state.model_version <> excluded.model_version
  RETURNING id
)
DELETE FROM search_productembedding
WHERE EXISTS (SELECT FROM adopted)
  AND model_version NOT IN (SELECT model_version FROM former UNION ALL SELECT %(model)s)
"""


@dataclass(frozen=True, slots=True)
class EmbeddingReport:
    """What a run of `embed_products` did. Seconds are of the whole run."""

    embedded: int
    seconds: float
    model_version: str

    @property
    def rate(self) -> float:
        """Products per second; 0 where there was nothing to do."""
        return self.embedded / self.seconds if self.embedded and self.seconds else 0.0


def count_stale(model_version: str, product_ids: Sequence[int] | None = None) -> int:
    """How many of `product_ids` (None: all) have no vector of their present text."""
    ((count,),) = _query(_COUNT, {"model": model_version, "ids": _as_list(product_ids)})
    return int(count)


def embed_products(
    encoder: Encoder,
    product_ids: Sequence[int] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> EmbeddingReport:
    """Embed those of `product_ids` (None: all) whose indexed text has no vector yet.

    Commits after each thousand. A run over all makes the encoder's model the live one.
    `on_progress` hears how many more are encoded.
    """
    started, embedded, after = time.perf_counter(), 0, 0
    parameters = {"model": encoder.model_version, "ids": _as_list(product_ids)}
    while found := [id_ for (id_,) in _query(_NEXT, parameters | {"after": after})]:
        texts = _query(_TEXTS, {"ids": found})
        vectors = encode_products(encoder, [row[2:] for row in texts], on_progress)
        _store(encoder.model_version, [row[:2] for row in texts], vectors)
        embedded += len(texts)
        after = found[-1]
    if product_ids is None:
        _adopt_model(encoder.model_version)
    if embedded >= CHUNK:
        _renew_statistics()
    return EmbeddingReport(embedded, time.perf_counter() - started, encoder.model_version)


def encode_products(
    encoder: Encoder,
    texts: Sequence[tuple[str, str]],
    on_progress: Callable[[int], None] | None = None,
) -> NDArray[np.float32]:
    """One unit vector for each (title, whole text), shape (n, dimensions).

    The mean of both: a title names the thing, and a model averages it away in a long text.
    """
    whole = encoder.encode_documents([text for _, text in texts], on_progress)
    # A title that is the whole text would only be encoded twice.
    longer = [place for place, (title, text) in enumerate(texts) if title != text]
    if longer:
        whole[longer] += encoder.encode_documents([texts[place][0] for place in longer])
    return normalise_rows(whole)


def _store(
    model_version: str, texts: Sequence[tuple[Any, ...]], vectors: NDArray[np.float32]
) -> None:
    parameters: dict[str, Any] = {
        "model": model_version,
        "ids": [product_id for product_id, _ in texts],
        "hashes": [text_hash for _, text_hash in texts],
        "vectors": [_literal(vector) for vector in vectors],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STORE, parameters)
        cursor.execute(_BUMP)


def _literal(vector: NDArray[np.float32]) -> str | None:
    """The text form of a vector; None for a row of zeros, which has no direction."""
    if not vector.any():
        return None
    return "[" + ",".join(map(str, vector.astype(np.float16).tolist())) + "]"


def _adopt_model(model_version: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ADOPT, {"model": model_version})


def _renew_statistics() -> None:
    """Let the planner know of many new rows at once, not when autovacuum comes by."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_productdocument, search_productembedding")


def _query(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _as_list(product_ids: Sequence[int] | None) -> list[int] | None:
    return None if product_ids is None else list(product_ids)
