"""Vectors of a catalogue made of copies: written, and read back, as columns of numbers.

Titles go through the model where time allows. A copy beyond that lies somewhere between its
original and the product whose words it has, with a little noise: how far on average is such that
the cosines between copies and originals (median 0.87, from 0.5 to 0.98) and the number of
directions that neighbours differ in are about those of titles whose words were changed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.algorithms.encoder import normalise_rows

FURTHEST = 0.7
NOISE = 0.2
CHUNK = 20_000

_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
# No sweep runs here that would ask which text a vector is of.
_WRITE = """
COPY search_productembedding (product_id, vector, text_hash, model_version) FROM STDIN
(FORMAT binary)"""
_READ = """
COPY (
  SELECT product_id, vector FROM search_productembedding WHERE vector IS NOT NULL
) TO STDOUT (FORMAT binary)"""


def store_vectors(
    encoder: Any, titles: Sequence[str], sources: NDArray[np.int64], keys: Sequence[int]
) -> None:
    """Store a vector for each of the products `keys`, the first of them made from `titles`."""
    from django.db import connection, transaction  # noqa: PLC0415 - Django must be set up

    known = encoder.encode_documents(titles)
    model = encoder.model_version.encode()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        with cursor.copy(_WRITE) as copy:
            copy.write(_HEADER)
            for first, vectors in make_vectors(known, sources):
                copy.write(_rows(keys[first : first + len(vectors)], vectors, model).tobytes())
            copy.write(_TRAILER)


def make_vectors(
    known: NDArray[np.float32], sources: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Unit vectors by chunks, each with the place of its first; those that are `known` as they are.

    The originals, which the columns of `sources` number, must be known.
    """
    chance = np.random.default_rng(2)
    for start in range(0, len(sources), CHUNK):
        own, other = known[sources[start : start + CHUNK].T]
        share = chance.uniform(0, FURTHEST, (len(own), 1)).astype(np.float32)
        noise = chance.standard_normal(own.shape, np.float32) / np.sqrt(own.shape[1])
        vectors = normalise_rows((1 - share) * own + share * other + np.float32(NOISE) * noise)
        real = known[start : start + CHUNK]
        vectors[: len(real)] = real[: len(vectors)]
        yield start, vectors


def _row_type(dimensions: int, *further: tuple[str, str]) -> np.dtype[Any]:
    """A bigint, a halfvec and further fields as COPY's binary form has them (halfvec_send)."""
    return np.dtype([
        ("fields", ">i2"), ("key_bytes", ">i4"), ("key", ">i8"), ("vector_bytes", ">i4"),
        ("dimensions", ">i2"), ("unused", ">i2"), ("vector", ">f2", (dimensions,)), *further,
    ])  # fmt: skip


def _rows(keys: Sequence[int], vectors: NDArray[np.float32], model: bytes) -> NDArray[np.void]:
    dimensions = vectors.shape[1]
    further = ("hash_bytes", ">i4"), ("model_bytes", ">i4"), ("model", f"S{len(model)}")
    rows = np.zeros(len(vectors), _row_type(dimensions, *further))
    rows["fields"], rows["key_bytes"], rows["dimensions"] = 4, 8, dimensions
    rows["vector_bytes"] = 4 + 2 * dimensions
    rows["key"], rows["vector"] = keys, vectors
    rows["model_bytes"], rows["model"] = len(model), model
    return rows


def read_vectors(dimensions: int) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """All that is stored, shape (n, dimensions), and the products' keys."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor, cursor.copy(_READ) as copy:
        content = b"".join(bytes(part) for part in copy)
    body = memoryview(content)[len(_HEADER) : -len(_TRAILER)]
    rows = np.frombuffer(body, _row_type(dimensions))
    return rows["vector"].astype(np.float16), rows["key"].astype(np.int64)
