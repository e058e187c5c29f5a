"""Stacked bars: where each piece lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.algorithms.charts import (
    COLOURS,
    HEIGHT,
    LEFT,
    OTHERS,
    RIGHT,
    TOP,
    WIDTH,
    ceiling,
    stack_bars,
)


@pytest.mark.parametrize(
    ("value", "top"), [(0, 4), (4, 4), (5, 8), (9, 12), (42, 60), (200, 200), (801, 1000), (33, 40)]
)
def test_an_axis_ends_at_a_round_number(value, top):
    assert ceiling(value) == top


def test_pieces_stand_on_each_other_the_greatest_below():
    chart = stack_bars({"few": [1, 0], "many": [3, 2]}, ["mon", "tue"])
    many, few = chart.series
    assert [(one.name, one.total, one.values) for one in (many, few)] == [
        ("many", 5, (3, 2)), ("few", 1, (1, 0)),
    ]  # fmt: skip
    assert [bar.label for bar in few.bars] == ["mon"]
    assert few.bars[0].y == TOP
    assert few.bars[0].y + few.bars[0].height == pytest.approx(many.bars[0].y)
    assert many.bars[0].y + many.bars[0].height == pytest.approx(chart.foot)
    assert many.bars[0].height == pytest.approx(3 * few.bars[0].height, abs=0.02)
    assert chart.total == 6


def test_the_least_are_put_together():
    chart = stack_bars({f"reason-{n}": [100 - n] for n in range(15)}, ["mon"])
    assert len(chart.series) == len(COLOURS)
    assert chart.series[-1].name == OTHERS
    assert chart.total == sum(100 - n for n in range(15))


def test_nothing_at_all():
    assert stack_bars({}, ["mon"]).total == 0
    assert stack_bars({"a": [0]}, ["mon"]).series[0].bars == ()


@given(
    st.integers(1, 60).flatmap(
        lambda places: st.tuples(
            st.just(places),
            st.dictionaries(
                st.text(max_size=3),
                st.lists(st.integers(0, 10**9), min_size=places, max_size=places),
                max_size=14,
            ),
        )
    )
)
def test_nothing_is_drawn_outside(drawn):
    places, values = drawn
    chart = stack_bars(values, [str(place) for place in range(places)])
    for series in chart.series:
        assert series.total == sum(series.values)
        for bar in series.bars:
            assert bar.x >= LEFT
            assert bar.x + bar.width <= WIDTH - RIGHT
            assert bar.y >= TOP - 0.01
            assert bar.height >= 0
            assert bar.y + bar.height <= HEIGHT
    assert len(chart.columns) <= 8 or places < 8
