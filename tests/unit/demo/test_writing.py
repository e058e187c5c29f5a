import re
from itertools import pairwise

import pytest

from demo.algorithms.catalogue import round_to_price_point
from demo.algorithms.vocabulary import Phrase
from demo.algorithms.writing import is_plural, lower_noun


@pytest.mark.parametrize(
    ("noun", "inside"),
    [
        ("Hiking Jacket", "hiking jacket"),
        ("USB-C Hub", "USB-C hub"),
        ("GPS Running Watch", "GPS running watch"),
        ("Oxford Shirt", "Oxford shirt"),
        ("Self-Inflating Mat", "self-inflating mat"),
        ("T-Shirt", "t-shirt"),
    ],
)
def test_nouns_inside_a_sentence(noun, inside):
    assert lower_noun(noun) == inside


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("Running Shoes", True),
        ("Headphones", True),
        ("Midi Dress", False),
        ("Yoga Mat", False),
        ("Water Fountain for Cats", False),
    ],
)
def test_plurals(noun, plural):
    assert is_plural(noun) is plural


@pytest.mark.parametrize(
    ("cents", "price"), [(10, 99), (712, 699), (1234, 1249), (2449, 2399), (12_840, 12_900)]
)
def test_prices_are_such_as_a_shop_prints(cents, price):
    assert round_to_price_point(cents) == price


def test_a_phrase_fits_the_nouns_that_it_names():
    assert Phrase("Opens from below.").fits("Anything")
    assert Phrase("Keeps air out.", ("Bottle",)).fits("Baby Bottle Set")
    assert not Phrase("Keeps air out.", ("Bottle",)).fits("Silicone Bib")


def test_texts_are_clean_english(shop):
    for item in shop.market.catalogue.products:
        text = f"{item.title}. {item.description}"
        assert not re.search(r"[{}\[\]|]|\s\s|\.\.|\ba [aeio][a-z]|\ban [bcdfgjkpqtvwz]", text), (
            text
        )
        assert 2 <= len(re.findall(r"[.?](?: |$)", item.description)) <= 6, item.description
        assert item.description[0].isupper()
        words = item.title.replace(",", "").split()
        assert all(one.lower() != other.lower() for one, other in pairwise(words)), text
