"""Queries are made fit to be matched, whatever was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.text import MAX_QUERY_LENGTH, normalise_query


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  red   shoes ", "red shoes"),
        ("red\x00shoes\x1b[0m", "red shoes [0m"),
        ("ｉＰｈｏｎｅ １５", "iPhone 15"),
        ("ﬁsh & chips", "fish & chips"),
        ("\ud800lone", "lone"),
        ("👩‍👩‍👧 toys", "👩‍👩‍👧 toys"),
        ("\t\n\x00", ""),
        ("", ""),
    ],
)
def test_known_queries(typed, expected):
    assert normalise_query(typed) == expected


def test_a_long_query_is_cut_at_a_word():
    kept = normalise_query("waterproof " * 1000)
    assert len(kept) <= MAX_QUERY_LENGTH
    assert set(kept.split()) == {"waterproof"}


def test_a_long_word_is_cut_where_it_must_be():
    assert normalise_query("x" * 10_000) == "x" * MAX_QUERY_LENGTH


@given(st.text(st.characters(), max_size=3000))
def test_any_text_becomes_short_clean_and_stable(typed):
    kept = normalise_query(typed)
    assert len(kept) <= MAX_QUERY_LENGTH
    assert kept == " ".join(kept.split())
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in kept)
    assert normalise_query(kept) == kept
    kept.encode()
