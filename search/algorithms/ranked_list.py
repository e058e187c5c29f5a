"""A ranked list in columns: what the cache holds as bytes, and what a page's cursor pins."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from search.algorithms.fusion import Candidate

# Half precision is enough for numbers that are only shown; the place in the list is the order.
_ROW = np.dtype(
    [
        ("product_id", "<i8"), ("score", "<f4"), ("semantic_rank", "<u2"), ("keyword_rank", "<u2"),
        ("similarity", "<f2"), ("keyword_score", "<f2"), ("personal", "<f2"),
        ("kind", "?"), ("exact", "?"), ("topped_up", "?"), ("rule", "<i4"), ("moved", "<i2"),
    ]
)  # fmt: skip
_NAMES: tuple[str, ...] = _ROW.names or ()
# What a page needs; the rest explains, and is pinned only where it is asked for.
_PLAIN = ("product_id", "score", "exact", "topped_up")
_MAX_ROWS = 10_000
# How a packed list begins.
_WITH_SCORES, _WITHOUT = b"\x04", b"\x02"

Rows = NDArray[Any]


class RankedCandidates(Sequence[Candidate]):
    """Candidates in their order. A candidate is made when it is looked at: a page needs few."""

    __slots__ = ("rows",)

    def __init__(self, rows: Rows) -> None:
        """`rows` has one row per candidate, as `make_rows` makes them."""
        self.rows = rows

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> "RankedCandidates":
        """The candidates in the order given."""
        listed = [tuple(getattr(c, name) for name in _NAMES) for c in candidates]
        return cls(np.array(listed, _ROW))

    @property
    def product_ids(self) -> list[int]:
        """The ids alone, in order."""
        ids: list[int] = self.rows["product_id"].tolist()
        return ids

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Candidate: ...
    @overload
    def __getitem__(self, index: slice) -> "RankedCandidates": ...
    def __getitem__(self, index: int | slice) -> "Candidate | RankedCandidates":
        if isinstance(index, slice):
            return RankedCandidates(self.rows[index])
        return Candidate(*self.rows[index].item())

    def __iter__(self) -> Any:
        return (Candidate(*row) for row in self.rows.tolist())

    def __add__(self, other: "RankedCandidates") -> "RankedCandidates":
        return RankedCandidates(np.concatenate([self.rows, other.rows]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RankedCandidates) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self.rows.tobytes())

    def keep(self, product_ids: Iterable[int]) -> "RankedCandidates":
        """Those of `product_ids`, in the same order."""
        return RankedCandidates(
            self.rows[np.isin(self.rows["product_id"], np.fromiter(product_ids, np.int64))]
        )

    def without(self, product_ids: Iterable[int]) -> "RankedCandidates":
        """All but `product_ids`, in the same order."""
        return RankedCandidates(
            self.rows[~np.isin(self.rows["product_id"], np.fromiter(product_ids, np.int64))]
        )


def make_rows(count: int, **columns: Any) -> Rows:
    """`count` rows with the given columns; the others are 0."""
    rows = np.zeros(count, _ROW)
    fill_rows(rows, **columns)
    return rows


def fill_rows(rows: Rows, **columns: Any) -> None:
    """Set the given columns of `rows`."""
    for name, values in columns.items():
        rows[name] = values


def to_bytes(candidates: RankedCandidates) -> bytes:
    """The list as the cache holds it."""
    return candidates.rows.tobytes()


def from_bytes(raw: bytes) -> RankedCandidates:
    """The list that `to_bytes` wrote; ValueError for what can't be one."""
    if len(raw) % _ROW.itemsize:
        raise ValueError("not a ranked list")
    return RankedCandidates(np.frombuffer(raw, _ROW))


def pack_candidates(candidates: RankedCandidates, *, scores: bool = True) -> bytes:
    """The list, small enough for a URL; without what explains it where not `scores`.

    Columns stand one after the other, of each the first bytes of all values, then the second ones:
    so zlib makes a third of them in a fifth of the time that whole values would take.
    """
    names = _NAMES if scores else _PLAIN
    planes = b"".join(_bytes_of(candidates.rows[name]).T.tobytes() for name in names)
    return (_WITH_SCORES if scores else _WITHOUT) + zlib.compress(planes, 1)


def _bytes_of(column: Rows) -> NDArray[np.uint8]:
    """The bytes of each of n values, shape (n, bytes of a value)."""
    values = np.ascontiguousarray(column)
    return values.view(np.uint8).reshape(len(values), values.itemsize)


def unpack_candidates(packed: bytes) -> RankedCandidates:
    """The list that `pack_candidates` packed; ValueError for any other bytes."""
    names = {_WITH_SCORES: _NAMES, _WITHOUT: _PLAIN}.get(packed[:1])
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(packed[1:], _MAX_ROWS * _ROW.itemsize)
    except zlib.error as error:
        raise ValueError("not a ranked list") from error
    if names is None or not inflate.eof:
        raise ValueError("not a ranked list")
    return RankedCandidates(_read_columns(raw, names))


def _read_columns(raw: bytes, names: tuple[str, ...]) -> Rows:
    count, rest = divmod(len(raw), sum(_ROW[name].itemsize for name in names))
    if rest:
        raise ValueError("not a ranked list")
    columns, start = {}, 0
    for name in names:
        size = _ROW[name].itemsize
        planes = np.frombuffer(raw, np.uint8, count * size, start).reshape(size, count)
        columns[name] = np.frombuffer(planes.T.tobytes(), _ROW[name])
        start += planes.size
    return make_rows(count, **columns)
