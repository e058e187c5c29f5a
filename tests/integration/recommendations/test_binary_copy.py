"""What is copied in binary form is what PostgreSQL reads: arrays, vectors, keys and texts."""

from uuid import uuid4

import numpy as np
from django.db import connection

from recommendations.services.binary_copy import (
    array_fields,
    copy_binary,
    float_fields,
    key_field,
    row,
    text_field,
    vector_fields,
)


def copied(kinds, rows):
    """The rows, as a table of columns of these types gives them back."""
    columns = [f"c{number}" for number in range(len(kinds))]
    typed = ", ".join(f"{name} {kind}" for name, kind in zip(columns, kinds, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE copied ({typed}) ON COMMIT DROP")
        copy_binary("copied", columns, rows)
        cursor.execute("SELECT * FROM copied ORDER BY c0")
        return cursor.fetchall()


def test_arrays_of_unequal_lengths_come_back(db):
    pointers = np.array([0, 2, 2, 5])
    ids = array_fields(np.array([2**40, -1, 7, 8, 9]), pointers)
    scores = array_fields(np.array([0.1, -2.5, np.inf, 0.0, 1e-300]), pointers)
    rows = [row(key_field(n), *pair) for n, pair in enumerate(zip(ids, scores, strict=True))]
    assert copied(["bigint", "bigint[]", "float8[]"], rows) == [
        (0, [2**40, -1], [0.1, -2.5]), (1, [], []), (2, [7, 8, 9], [np.inf, 0.0, 1e-300]),
    ]  # fmt: skip


def test_vectors_halves_numbers_uuids_and_texts_come_back(db):
    values = np.random.default_rng(5).normal(size=(3, 64)).astype(np.float32)
    keys = sorted(uuid4() for _ in values)
    documents = [b"[]", b'[[["a\\\\b", 0.5]]]', '[[["ü\\"", 1]]]'.encode()]
    fields = zip(
        map(key_field, keys), vector_fields(values), vector_fields(values, ">f2"),
        float_fields(values[:, 0]), map(text_field, documents), strict=True,
    )  # fmt: skip
    found = copied(["uuid", "vector", "halfvec", "float8", "text"], [row(*one) for one in fields])
    assert [one[0] for one in found] == keys
    with connection.cursor() as cursor:
        cursor.execute("SELECT c1::real[], c2::real[], c4 FROM copied ORDER BY c0")
        whole, halves, texts = zip(*cursor.fetchall(), strict=True)
    assert np.array_equal(np.array(whole, dtype=np.float32), values)
    assert np.array_equal(
        np.array(halves, dtype=np.float32), values.astype(np.float16).astype(np.float32)
    )
    assert [one[3] for one in found] == values[:, 0].astype(float).tolist()
    assert list(texts) == ["[]", '[[["a\\\\b", 0.5]]]', '[[["ü\\"", 1]]]']
