"""Rows of numbers from the database as arrays, through COPY: memory for the numbers alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

# https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY
_HEADER_BYTES = 19
_TRAILER_BYTES = 2


def read_columns(query: str, parameters: Sequence[Any], kinds: Sequence[str]) -> list[NDArray[Any]]:
    """The columns of `query`, none of them null: bigint where `kinds` has i, float8 where f."""
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for number, kind in enumerate(kinds):
        fields += [(f"length{number}", ">i4"), (f"value{number}", f">{kind}8")]
    row = np.dtype(fields)
    data = bytearray()
    with connection.cursor() as cursor, cursor.copy(
        f"COPY ({query}) TO STDOUT (FORMAT binary)", list(parameters)
    ) as copy:  # fmt: skip
        for block in copy:
            data += block
    count = (len(data) - _HEADER_BYTES - _TRAILER_BYTES) // row.itemsize
    rows = np.frombuffer(data, row, count, _HEADER_BYTES)
    return [
        rows[f"value{number}"].astype(np.int64 if kind == "i" else np.float64)
        for number, kind in enumerate(kinds)
    ]
