"""A price's timeline as coordinates."""

from datetime import UTC, datetime, timedelta

import pytest

from pricing.algorithms.timelines import Step, draw_timeline, round_step

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=10)


@pytest.mark.parametrize(
    ("greatest", "rows", "step"),
    [(42.39, 5, 10), (40, 5, 10), (100, 4, 25), (0.0417, 1, 0.05), (1, 1, 1), (3650, 1, 5000),
     (0, 4, 1), (7e-5, 4, 2e-5), (1e9, 4, 2.5e8)],
)  # fmt: skip
def test_steps_of_an_axis_are_round(greatest, rows, step):
    assert round_step(greatest, rows) == pytest.approx(step)


def test_a_price_is_a_staircase_with_gaps_where_nothing_was_sold():
    days = [BEGIN + timedelta(days=day) for day in range(11)]
    steps = [Step(days[0], days[2], 10), Step(days[2], days[5], 20), Step(days[8], days[10], 10)]
    [prices] = draw_timeline(BEGIN, END, {"price": steps}, {}).bands
    [(name, path)] = prices.paths
    assert name == "price"
    assert path.count("M") == 2
    assert [tick.label for tick in prices.rows] == ["0", "5", "10", "15", "20"]
    assert prices.rows[0].position > prices.rows[-1].position


def test_one_reading_of_a_signal_is_visible():
    steps = [Step(END - timedelta(hours=1), END, 0.25)]
    band = draw_timeline(BEGIN, END, {}, {"Views an hour": steps}).bands[1]
    [(_, path)] = band.paths
    left, right = (part.split()[0] for part in path.removeprefix("M").split("L"))
    assert float(right) > float(left)
    assert [tick.label for tick in band.rows] == ["0", "0.25"]


def test_nothing_known_draws_nothing():
    timeline = draw_timeline(BEGIN, END, {"price": []}, {"Views an hour": []})
    assert [band.paths for band in timeline.bands] == [(), ()]
    assert [tick.label for tick in timeline.bands[0].rows] == ["0"]
