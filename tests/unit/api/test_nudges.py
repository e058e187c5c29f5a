"""A nudge never fails or delays its caller."""

import pytest

from api.background.nudges import breaker, nudge


class Unreachable:
    name = "unreachable"
    tries = 0

    def apply_async(self, **_kwargs):
        self.tries += 1
        raise ConnectionError


@pytest.fixture(autouse=True)
def closed_breaker():
    breaker.reset()
    yield
    breaker.reset()


def test_a_broker_that_is_down_is_tried_once_then_left_alone():
    task = Unreachable()
    assert [nudge(task, 1), nudge(task, 2), nudge(task, 3)] == [False, False, False]
    assert task.tries == 1


def test_arguments_reach_the_task():
    sent = {}

    class Reachable:
        name = "reachable"

        def apply_async(self, **kwargs):
            sent.update(kwargs)

    assert nudge(Reachable(), 1, key="value")
    assert sent["args"] == (1,)
    assert sent["kwargs"] == {"key": "value"}
