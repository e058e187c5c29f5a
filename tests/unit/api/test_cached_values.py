"""The cache holds bytes and JSON, and nothing that is read from it can run."""

import pickle

import pytest

from api.cache import PlainSerializer

plain = PlainSerializer({})


@pytest.mark.parametrize("value", [b"", b"\x00\xff", b"12", [], None, 0.5, "text", [[1, 2], [0.5]]])
def test_what_is_kept_comes_back(value):
    assert plain.loads(plain.dumps(value)) == value


@pytest.mark.parametrize("foreign", [b"", b"{", b"{nonsense", b"12", pickle.dumps([1, 2])])
def test_what_was_not_kept_so_is_a_miss(foreign):
    assert plain.loads(foreign) is None


def test_other_objects_are_refused():
    with pytest.raises(TypeError):
        plain.dumps(object())
