"""Reasons written as text are the same JSON as those that are built and encoded."""

import numpy as np
import orjson
import pytest

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
    return [orjson.loads(text) for text in texts]


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
