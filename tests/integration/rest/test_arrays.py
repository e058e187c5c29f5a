"""Arrays and vectors in PostgreSQL's binary form are what its text form says they are."""

import numpy as np
import pytest
from django.db import connection, transaction

from api.arrays import read_array, write_halfvec
from api.prepared import Binary, read_prepared

VALUES = {
    "bigint": [1, -2, 2**62], "int": [3, -4], "smallint": [5, -6], "bool": [True, False],
    "real": [0.5, -0.25], "float8": [0.1, 1e300],
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("kind", VALUES)
def test_an_array_of_numbers(kind):
    (raw,) = read_prepared(f"SELECT %(values)s::{kind}[]", {"values": VALUES[kind]})
    assert read_array(raw, np.array(VALUES[kind]).dtype).tolist() == VALUES[kind]


@pytest.mark.django_db
def test_an_empty_array_and_none():
    empty, nothing = read_prepared("SELECT '{}'::bigint[], NULL::bigint[]", {})
    assert read_array(empty, np.int64).tolist() == read_array(nothing, np.int64).tolist() == []


@pytest.mark.django_db
@pytest.mark.parametrize("array", ["ARRAY[1, NULL]::int[]", "ARRAY[[1, 2], [3, 4]]"])
def test_what_is_no_list_of_numbers_is_refused(array):
    (raw,) = read_prepared(f"SELECT {array}", {})
    with pytest.raises(ValueError, match="list without NULLs"):
        read_array(raw, np.int64)


@pytest.mark.django_db
def test_a_vector_is_rounded_as_pgvector_rounds_it():
    vector = np.random.default_rng(0).normal(size=384).astype(np.float32)
    text = "[" + ",".join(map(repr, vector.tolist())) + "]"
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::halfvec::text", [text])
        usual = cursor.fetchone()[0]
    (shown,) = read_prepared("SELECT %(v)s::halfvec::text", {"v": write_halfvec(vector)})
    assert shown.decode() == usual


@pytest.mark.django_db(transaction=True)
def test_a_row_that_begins_its_transaction():
    with transaction.atomic():
        assert read_prepared("SELECT %(n)s::int", {"n": Binary(b"\0\0\0\7")}) == (b"\0\0\0\7",)
        assert read_prepared("SELECT %(n)s::int", {"n": Binary(b"\0\0\0\7")}) == (b"\0\0\0\7",)
