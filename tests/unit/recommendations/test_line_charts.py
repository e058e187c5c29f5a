"""Lines over runs: where the points lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.algorithms.line_charts import HEIGHT, LEFT, WIDTH, ceiling, draw_lines


def test_points_lie_at_their_value_and_gaps_are_not_bridged():
    chart = draw_lines({"a": [0.1, None, 0.2, 0.0]}, ["1", "2", "3", "4"])
    (line,) = chart.lines
    assert [point.label for point in line.points] == ["1", "3", "4"]
    assert line.path.count("M") == 2
    assert line.points[2].y == chart.foot
    assert line.points[0].y == pytest.approx((chart.foot + line.points[1].y) / 2)
    assert line.last == 0.0


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=70))
def test_everything_lies_within_the_drawing(values):
    chart = draw_lines({"a": values}, [str(n) for n in range(len(values))])
    for point in chart.lines[0].points:
        assert LEFT <= point.x <= WIDTH
        assert 0 <= point.y <= HEIGHT
    assert len(chart.columns) <= 8


@given(st.floats(1e-6, 1e6))
def test_the_top_is_round_and_not_far_off(value):
    assert value <= ceiling(value) <= 2.5 * value
