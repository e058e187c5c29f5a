"""A query says which words, which phrases and what not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.query import find_numbered, parse_query, respell


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
        ("a - b", "a b", (), ()),
        ('say "hello', 'say "hello', (), ()),
        ('"a" "b"', "a b", ("a", "b"), ()),
        ("-case", "", (), ("case",)),
        ('-"a b" -c', "", (), ("a b", "c")),
        ("\u2212case iphone", "iphone", (), ("case",)),
        ("-tent -", "", (), ("tent",)),
        ("mug -- -* & \u2212 _ 🎧", "mug", (), ()),
        ('mug "--" -"!"', "mug", (), ()),
        ("-tavola-nord", "", (), ("tavola-nord", "tavola nord", "tavolanord")),
        ("hub -USB-C", "hub", (), ("USB-C", "USB C", "USBC")),
        ('-"wi-fi router"', "", (), ("wi-fi router", "wi fi router", "wifi router")),
        ("-plug-and-play", "", (), ("plug-and-play", "plug and play", "plugandplay")),
        ("-in-ear -T-shirt", "", (), ("in-ear", "inear", "T-shirt", "Tshirt")),
        ("-dog/cat -dog/cat -tent-", "", (), ("dog/cat", "tent-")),
        ('"', "", (), ()),
        ('""', "", (), ()),
        ("-", "", (), ()),
        ("", "", (), ()),
    ],
)
def test_known_queries(query, words, phrases, excluded):
    parsed = parse_query(query)
    assert (parsed.words, parsed.phrases, parsed.excluded) == (words, phrases, excluded)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ps 4 games", ["ps4", "4games"]),
        ("iphone6s case", ["iphone6scase", "iphone 6s"]),
        ("head phone", ["headphone"]),
        ("t-shirt red", []),
        ("unbelievably comfortable", []),
        ("mug", []),
    ],
)
def test_words_together_and_apart(words, expected):
    assert respell(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("iphone 8", [("8", "iphone", "iphone8")]),
        ("Moto E case", [("e", "moto", "motoe")]),
        ("iphone 7 8", [("7", "iphone", "iphone7"), ("8", "iphone", "iphone8")]),
        ("galaxy s9", []),
        ("xbox 360", []),
        ("tent, 4", []),
    ],
)
def test_numbers_belong_to_the_word_before(words, expected):
    assert [(one.number, one.line, one.model) for one in find_numbered(words)] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tent 4 person", [("4", "person", "4person")]),
        ("4 Person tent", [("4", "person", "4person")]),
        ("12 cups", [("12", "cups", "12cup")]),
        ("iphone 6 case 2 pack", [("6", "iphone", "iphone6"), ("2", "pack", "2pack")]),
        ("4 friends tent", []),
        ("360 degree 100 pack", []),
        ("moto e pack", [("e", "moto", "motoe")]),
    ],
)
def test_numbers_belong_to_what_they_count(words, expected):
    assert [(one.number, one.line, one.model) for one in find_numbered(words)] == expected


@given(st.text(alphabet='ab1 -"“”\u2212', max_size=40))
def test_any_text_is_read_and_says_something(text):
    query = " ".join(text.split())
    parsed = parse_query(query)
    assert bool(parsed.words or parsed.excluded) == any(char.isalnum() for char in query)
    assert all(parsed.phrases)
    assert all(parsed.excluded)
