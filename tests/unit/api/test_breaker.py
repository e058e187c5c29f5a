"""A breaker keeps callers from what failed, and lets them back one at a time."""

import pytest

from api.background import breaker as module
from api.background.breaker import Breaker


@pytest.fixture
def clock(monkeypatch):
    moments = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: moments[-1])
    return moments


def test_closed_until_something_fails(clock):
    breaker = Breaker(5)
    assert [breaker.admits(), breaker.admits()] == [True, True]
    breaker.trip()
    clock.append(104.9)
    assert not breaker.admits()


def test_after_the_pause_one_caller_tries_while_the_others_wait(clock):
    breaker = Breaker(5)
    breaker.trip()
    clock.append(105.0)
    assert [breaker.admits(), breaker.admits(), breaker.admits()] == [True, False, False]
    breaker.reset()
    assert [breaker.admits(), breaker.admits()] == [True, True]


def test_a_caller_that_never_tells_holds_the_others_up_for_one_pause(clock):
    breaker = Breaker(5)
    breaker.trip()
    clock.append(106.0)
    assert breaker.admits()
    clock.append(110.9)
    assert not breaker.admits()
    clock.append(111.0)
    assert breaker.admits()
