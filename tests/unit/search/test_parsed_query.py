"""A query says which words, which phrases and what not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.query import parse_query


@pytest.mark.parametrize(
    ("query", "words", "phrases", "excluded"),
    [
        ("red mug", "red mug", (), ()),
        ('"red mug" -blue', "red mug", ("red mug",), ("blue",)),
        ('"iphone 6" case', "iphone 6 case", ("iphone 6",), ()),
        ("“red mug” cup", "red mug cup", ("red mug",), ()),
        ('usb-c -"lightning cable" hub', "usb-c hub", (), ("lightning cable",)),
        ('65" tv', '65" tv', (), ()),
        ('tv 65"', 'tv 65"', (), ()),
        ('40" "smart tv"', '40" smart tv', ("smart tv",), ()),
        ('7" x 9" frame', '7" x 9" frame', (), ()),
        ("x-box", "x-box", (), ()),
        ("a - b", "a - b", (), ()),
        ('say "hello', 'say "hello', (), ()),
        ('"a" "b"', "a b", ("a", "b"), ()),
        ("-case", "case", (), ()),
        ('-"a b"', "a b", (), ()),
        ("\u2212case iphone", "iphone", (), ("case",)),
        ('"', '"', (), ()),
        ('""', '""', (), ()),
        ("-", "-", (), ()),
        ("", "", (), ()),
    ],
)
def test_known_queries(query, words, phrases, excluded):
    parsed = parse_query(query)
    assert (parsed.words, parsed.phrases, parsed.excluded) == (words, phrases, excluded)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ps 4 games", ["ps4", "4games"]),
        ("iphone6s case", ["iphone 6s", "iphone6scase"]),
        ("red mug", []),
        ("t shirt", ["tshirt"]),
    ],
)
def test_model_names_together_and_apart(query, expected):
    assert sorted(e.text for e in parse_query(query).expansions) == sorted(expected)


@given(st.text(alphabet='ab1 -"“”\u2212', max_size=40))
def test_any_text_is_read_and_something_is_looked_for(text):
    query = " ".join(text.split())
    parsed = parse_query(query)
    assert bool(parsed.words) == bool(query)
    assert all(parsed.phrases)
    assert all(parsed.excluded)
