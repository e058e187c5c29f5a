"""Synonyms: which phrases of a query stand for which others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.folding import contains_phrase, fold_prefix, fold_text, word_starts
from search.algorithms.synonyms import check_synonym, expand_words, index_synonyms, rewrite_words


def expansions(query, *rows):
    found = expand_words(fold_text(query).split(), index_synonyms(rows))
    return [(e.start, e.stop, {" ".join(a) for a in e.alternatives}) for e in found]


TELEVISION = ("two_way", "", ["TV", "television", "flat screen"])


def test_two_way_synonyms_find_each_other():
    assert expansions("big tv", TELEVISION) == [(1, 2, {"television", "flat screen"})]
    assert expansions("Flat Screen 65", TELEVISION) == [(0, 2, {"tv", "television"})]


def test_one_way_synonyms_lead_one_way():
    row = ("one_way", "phone", ["iphone"])
    assert expansions("phone", row) == [(0, 1, {"iphone"})]
    assert expansions("iphone", row) == []


def test_the_longest_phrase_wins_and_none_overlap():
    rows = [("one_way", "screen", ["display"]), ("one_way", "flat screen", ["tv"])]
    assert expansions("flat screen", *rows) == [(0, 2, {"tv"})]


def test_synonyms_of_synonyms_are_not_followed():
    rows = [("one_way", "a", ["b"]), ("one_way", "b", ["c"])]
    assert expansions("a", *rows) == [(0, 1, {"b"})]


def test_case_accents_and_punctuation_do_not_matter():
    assert expansions("USB-C Câble", ("one_way", "usb c cable", ["type c"])) == [(0, 3, {"type c"})]


def test_a_synonym_that_says_nothing_is_refused():
    assert "terms" in check_synonym("two_way", "", ["tv", "TV"])
    assert "terms" in check_synonym("two_way", "", ["tv", "!"])
    assert "phrase" in check_synonym("one_way", "", ["tv"])
    assert "phrase" in check_synonym("two_way", "tv", ["a", "b"])
    assert not check_synonym("one_way", "telly", ["tv"])


phrases = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3).map(" ".join)
synonyms = st.lists(
    st.tuples(st.sampled_from(["one_way", "two_way"]), phrases, st.lists(phrases, min_size=1)),
    max_size=5,
)


@given(st.lists(st.sampled_from("abcd"), max_size=8), synonyms)
def test_expansions_stand_apart_and_never_repeat_what_was_typed(words, rows):
    end = 0
    for found in expand_words(words, index_synonyms(rows)):
        assert end <= found.start < found.stop <= len(words)
        assert tuple(words[found.start : found.stop]) not in found.alternatives
        end = found.stop


@pytest.mark.parametrize(
    ("query", "rows", "expected"),
    [
        ("big tv", [TELEVISION], ["big television", "big flat screen"]),
        ("flat screen 65", [TELEVISION], ["tv 65", "television 65"]),
        ("a b", [("one_way", "a", ["x"]), ("one_way", "b", ["y", "z"])], ["x y", "x z"]),
        ("a", [("one_way", "a", list("bcdefg"))], ["b", "c", "d"]),
        ("mug", [TELEVISION], []),
    ],
)
def test_a_query_is_put_otherwise(query, rows, expected):
    words = query.split()
    assert rewrite_words(words, expand_words(words, index_synonyms(rows))) == expected


@given(st.text())
def test_folding_is_stable_and_leaves_single_spaces(text):
    folded = fold_text(text)
    assert fold_text(folded) == folded
    assert folded == " ".join(folded.split())
    assert all(
        (term and folded.endswith(term[-1])) or len(folded) > 60 for term in word_starts(folded)
    )


def test_folding():
    assert fold_text("  Crème-Brûlée  SET! ") == "creme brulee set"
    assert fold_text("Straße") == "strasse"
    assert fold_prefix("red ") == "red "
    assert fold_prefix("Red") == "red"
    assert word_starts("red mug big") == ["red mug big", "mug big", "big"]
    assert contains_phrase("a red mug", "red mug")
    assert not contains_phrase("a bored mug", "red mug")
