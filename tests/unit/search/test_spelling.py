"""Misspelt words are corrected to what a catalogue uses, and nothing else is."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.spelling import Vocabulary, replace_words, words_to_check

VOCABULARY = Vocabulary(
    {"phone": 90, "phones": 40, "case": 80, "charger": 30, "samsung": 50, "sand": 5, "galaxy": 20}
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("phnoe", "phone"), ("pone", "phone"), ("phonne", "phone"), ("charher", "charger"),
        ("smasung", "samsung"), ("samsungs", "samsung"), ("galaxxy", "galaxy"),
        ("samsnug", "samsung"), ("kettle", None), ("chrgre", None), ("samnsgun", None),
    ],
)  # fmt: skip
def test_known_typos(typed, meant):
    assert VOCABULARY.nearest(typed) == meant


def test_of_equally_near_words_the_more_frequent_is_meant():
    assert VOCABULARY.nearest("phonec") == "phone"


def test_words_typed_together():
    assert VOCABULARY.split("phonecase") == "phone case"
    assert VOCABULARY.split("phonexyz") is None
    assert VOCABULARY.split("phonecharger") == "phone charger"


def test_words_typed_together_may_share_a_letter():
    known = Vocabulary({"hard": 40, "har": 1, "disk": 30})
    assert known.split("hardisk") == "hard disk"


@given(st.sampled_from(["charger", "samsung", "galaxy"]), st.integers(0, 4), st.data())
def test_one_edit_is_always_undone(word, place, data):
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    edited = data.draw(
        st.sampled_from([
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place:],
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        ])
    )  # fmt: skip
    if edited != word:
        assert VOCABULARY.nearest(edited) == word


@pytest.mark.parametrize(
    ("query", "phrases", "words"),
    [
        ("Iphnoe case 6s", (), ["iphnoe", "case"]),
        ("usb-c hub tv", (), []),
        ('"iphnoe" case', ("iphnoe",), ["case"]),
        ("o'neill wi-fi x2ab", (), []),
    ],
)
def test_only_plain_words_are_checked(query, phrases, words):
    assert words_to_check(query, phrases) == words


def test_the_rest_of_a_query_stays():
    assert replace_words('Iphnoe 6s, 65" CASE', {"iphnoe": "iphone"}) == 'iphone 6s, 65" CASE'
