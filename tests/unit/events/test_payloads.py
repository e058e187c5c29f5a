"""Bodies are decoded leniently, and what is kept can be stored."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.algorithms.payloads import KEPT_BYTES, decode, fingerprint, keep

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(categories=None)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(categories=None)), inner, max_size=4)
    ),
)


def test_half_a_surrogate_pair_and_nan_do_not_spoil_the_rest():
    assert decode(rb'["\ud800", 1]') == ["\ud800", 1]
    assert decode(b'[NaN, "a"]')[1] == "a"


def test_numbers_of_any_length():
    assert decode(b"[" + b"9" * 100_000 + b", NaN]")[0] == float("inf")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"nonsense", b'{"a": 1}x']
)
def test_what_is_no_json(body):
    with pytest.raises(ValueError, match=r"."):
        decode(body)


@given(anything)
def test_what_is_kept_is_json_that_jsonb_takes(raw):
    text = keep(raw)
    json.loads(text)
    text.encode()
    assert r"\u0000" not in text
    assert len(text) <= 7 * KEPT_BYTES  # the cut text is escaped once more


def test_plain_payloads_are_kept_as_they_came():
    assert json.loads(keep({"a": [1, "x", None]})) == {"a": [1, "x", None]}


def test_long_payloads_are_cut():
    assert json.loads(keep("x" * 100_000))["truncated"].startswith('"xxx')


def test_fingerprints_tell_parts_apart():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("ab", None) == fingerprint("ab", None)
