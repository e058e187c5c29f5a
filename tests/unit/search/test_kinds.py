"""What a query asks for is the noun that its name ends with."""

import pytest

from search.algorithms.kinds import find_kinds


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("phones", ["phones"]),
        ("prepaid phones", ["phones", "prepaidphones"]),
        ("head phone", ["phone", "headphone"]),
        ("case for iphone 6", ["case"]),
        ("leather case with a strap", ["case", "leathercase"]),
        ("iphone 6", ["iphone"]),
        ("2 pack", ["pack"]),
        ("memory card 16GB", ["card", "memorycard"]),
        ("Käse Messer", ["Messer", "KäseMesser"]),
        ("for women", ["women", "forwomen"]),
        ("16 gb", ["gb"]),
        ("s9", []),
        ("42", []),
        ("", []),
    ],
)
def test_known_queries(words, kinds):
    assert find_kinds(words) == kinds
