"""A ranked list as bytes: what the cache holds and what a page's cursor pins."""

import zlib
from collections.abc import Sequence

import numpy as np

from search.algorithms.fusion import Candidate

# Half precision is enough for numbers that are only shown; ranks and boosts give the order.
# Columns stand one after the other, which halves what zlib makes of them.
_COLUMNS = (
    ("product_id", "<i8"),
    ("category_id", "<i8"),
    ("semantic_rank", "<u2"),
    ("keyword_rank", "<u2"),
    ("boost", "<f2"),
    ("similarity", "<f2"),
    ("keyword_score", "<f2"),
)
_ROW_BYTES = sum(np.dtype(kind).itemsize for _, kind in _COLUMNS)
_MAX_BYTES = 10_000 * _ROW_BYTES


def pack_candidates(candidates: Sequence[Candidate], *, scores: bool = True) -> bytes:
    """`candidates` in their order; without the two legs' own scores where not `scores`."""
    shown = _COLUMNS if scores else _COLUMNS[:-2]
    columns = [
        np.array([getattr(candidate, name) for candidate in candidates], kind).tobytes()
        for name, kind in shown
    ]
    empty = b"\0" * (_ROW_BYTES * len(candidates) - sum(map(len, columns)))
    return zlib.compress(b"".join(columns) + empty, 6)


def unpack_candidates(packed: bytes) -> list[Candidate]:
    """The list that `pack_candidates` packed; ValueError for any other bytes."""
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(packed, _MAX_BYTES)
    except zlib.error as error:
        raise ValueError("not a ranked list") from error
    count, rest = divmod(len(raw), _ROW_BYTES)
    if rest or not inflate.eof:
        raise ValueError("not a ranked list")
    columns, start = {}, 0
    for name, kind in _COLUMNS:
        columns[name] = np.frombuffer(raw, kind, count, start).tolist()
        start += count * np.dtype(kind).itemsize
    rows = zip(*columns.values(), strict=True)
    return [Candidate(**dict(zip(columns, row, strict=True))) for row in rows]
