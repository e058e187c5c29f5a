"""Reasons of many shoppers read back as what they were, and as those of one are written."""

import numpy as np
import pytest

from recommendations.models.reasons import StoredReasons, pack_reasons
from recommendations.services.reason_texts import ReasonTexts

NAMES = ["plain", 'quo"te', "back\\slash", "[\x01", "],[", "ünï", None, None]
GONE, NOTHING = 6, -1


def names():
    found = np.empty(len(NAMES), dtype=object)
    found[:] = NAMES
    return found


def told(causes, shares, lengths):
    texts = ReasonTexts(names()).documents(
        np.array(causes), np.array(shares, dtype=np.float32), np.array(lengths)
    )
    return [list(StoredReasons(text)) for text in texts]


def test_names_and_shares_are_paired_and_a_list_ends_after_its_length():
    causes = [[[0, 1], [2, NOTHING], [NOTHING, NOTHING]], [[0, 1], [0, 1], [0, 1]]]
    shares = [[[0.75, 0.25], [1.0, 0.0], [0.0, 0.0]], [[0.5, 0.5]] * 3]
    assert told(causes, shares, [3, 0]) == [
        [[["plain", 0.75], ['quo"te', 0.25]], [["back\\slash", 1.0]], []],
        [],
    ]


def test_what_is_gone_is_left_out_wherever_it_stands():
    shares = [[[0.6, 0.3], [0.6, 0.3]]]
    assert told([[[GONE, 0], [0, GONE]]], shares, [2]) == [[[["plain", 0.3]], [["plain", 0.6]]]]


@pytest.mark.parametrize("column", range(6))
def test_names_that_look_like_json_stay_names(column):
    assert told([[[column, 0]]], [[[0.1, 0.2]]], [1]) == [[[[NAMES[column], 0.1], ["plain", 0.2]]]]


def test_any_draw_reads_back_as_what_was_put_in():
    generator = np.random.default_rng(3)
    causes = generator.integers(-1, len(NAMES) - 1, (20, 9, 3))
    shares = generator.random((20, 9, 3)).astype(np.float32)
    lengths = generator.integers(0, 10, 20)
    expected = [
        [
            [
                [NAMES[c], round(float(s), 4)]
                for c, s in zip(*pair, strict=True)
                if NAMES[c] is not None
            ]
            for pair in zip(causes[row, :length], shares[row, :length], strict=True)
        ]
        for row, length in enumerate(lengths.tolist())
    ]
    assert told(causes, shares, lengths) == expected


def test_reasons_of_one_shopper_read_back_whole_and_one_by_one():
    reasons = [[["a", 0.5], ["b", 0.25]], [], [["b", 1.0]]]
    stored = StoredReasons(pack_reasons(reasons))
    assert list(stored) == reasons
    assert (len(stored), stored[-1], stored[:2]) == (3, reasons[2], reasons[:2])
    with pytest.raises(IndexError):
        stored[3]


@pytest.mark.parametrize("reasons", [[], [[]], [[], []]])
def test_no_reasons_are_no_reasons(reasons):
    assert list(StoredReasons(pack_reasons(reasons))) == reasons


def test_products_beyond_what_is_explained_have_none():
    (few,) = told([[[0, 1]]], [[[0.5, 0.5]]], [7])
    assert few == [[["plain", 0.5], ['quo"te', 0.5]]]


def test_where_no_reasons_are_wanted_there_are_none():
    texts = ReasonTexts(names()).documents(
        np.empty((2, 4, 0), dtype=np.int64), np.empty((2, 4, 0), dtype=np.float32), np.array([4, 1])
    )
    assert [list(StoredReasons(text)) for text in texts] == [[], []]
