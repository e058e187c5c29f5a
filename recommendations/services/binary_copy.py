"""Rows in COPY's binary form, encoded a column at a time.

PostgreSQL documentation, "COPY", "Binary Format"; arrays as array_recv reads them, vectors as
pgvector's vector_recv and halfvec_recv do. Text would take several times as long on both ends: each
number is printed here and parsed there.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
# PostgreSQL's types of elements, and how these travel.
_INT8, _FLOAT8 = 20, 701
_ELEMENT = 12
_ARRAY = struct.Struct(">iiiIii")
_EMPTY = {oid: struct.pack(">iiiI", 12, 0, 0, oid) for oid in (_INT8, _FLOAT8)}
_BIGINT = struct.Struct(">iq")
_FLOAT = struct.Struct(">id")


def copy_binary(table: str, columns: Sequence[str], rows: Sequence[bytes]) -> None:
    """COPY `rows`, each as `row` makes them, into `columns` of `table`."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_HEADER + b"".join(rows) + _TRAILER)


def row(*fields: bytes) -> bytes:
    """A row of fields."""
    return len(fields).to_bytes(2, "big") + b"".join(fields)


def key_field(key: int | UUID) -> bytes:
    """A bigint or a uuid."""
    return b"\x00\x00\x00\x10" + key.bytes if isinstance(key, UUID) else _BIGINT.pack(8, key)


def float_fields(values: NDArray[np.floating]) -> list[bytes]:
    """Each of `values` as a double."""
    return [_FLOAT.pack(8, value) for value in values.tolist()]


def text_field(text: bytes) -> bytes:
    """A text in UTF-8."""
    return len(text).to_bytes(4, "big") + text


def array_fields(
    values: NDArray[np.integer] | NDArray[np.floating], pointers: NDArray[np.integer]
) -> list[bytes]:
    """For each i the array of values[pointers[i] : pointers[i + 1]], of bigint or double."""
    oid, wire = (_INT8, ">i8") if values.dtype.kind in "iu" else (_FLOAT8, ">f8")
    elements = np.empty(len(values), dtype=[("length", ">i4"), ("value", wire)])
    elements["length"], elements["value"] = 8, values
    content, bounds = elements.tobytes(), pointers.tolist()
    return [
        _ARRAY.pack(20 + _ELEMENT * (end - start), 1, 0, oid, end - start, 1)
        + content[_ELEMENT * start : _ELEMENT * end]
        if end > start
        else _EMPTY[oid]
        for start, end in pairwise(bounds)
    ]


def vector_fields(vectors: NDArray[np.floating], wire: str = ">f4") -> list[bytes]:
    """Each row of `vectors` as a vector, or with `wire` ">f2" as a halfvec."""
    size = vectors.shape[1]
    values = vectors.astype(wire)
    head = struct.pack(">ihh", 4 + size * values.dtype.itemsize, size, 0)
    content, width = values.tobytes(), size * values.dtype.itemsize
    return [head + content[start : start + width] for start in range(0, len(content), width)]
