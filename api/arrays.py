"""Arrays in PostgreSQL's binary form, to and from numpy without a look at each element."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.prepared import Binary

# Number of dimensions, whether it holds NULLs, the elements' type; then length and lower bound.
_HEAD = np.dtype(">i4")
_WITH_LENGTH = 20
# By the type's OID, which never changes. Each element is led by its own length.
_ELEMENTS = {
    oid: np.dtype([("length", ">i4"), ("value", value)])
    for oid, value in {16: "?", 20: ">i8", 21: ">i2", 23: ">i4", 700: ">f4", 701: ">f8"}.items()
}


def read_array(raw: bytes | None, kind: Any) -> NDArray[Any]:
    """The elements of a one-dimensional array of numbers, as `kind`; none for NULL.

    It may not hold NULLs: ValueError.
    """
    if raw is None or not np.frombuffer(raw, _HEAD, 1)[0]:
        return np.zeros(0, kind)
    dimensions, nulls, oid = np.frombuffer(raw, _HEAD, 3).tolist()
    if nulls or dimensions != 1:
        raise ValueError("only a list without NULLs can be read")
    return np.frombuffer(raw, _ELEMENTS[oid], offset=_WITH_LENGTH)["value"].astype(kind)


def write_halfvec(vector: NDArray[np.float32]) -> Binary:
    """`vector`, shape (n,), as pgvector's halfvec, rounded as it rounds."""
    return Binary(np.array([len(vector), 0], ">i2").tobytes() + vector.astype(">f2").tobytes())
