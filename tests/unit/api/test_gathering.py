"""Nudges that are gathered: few messages, none of them lost, and nobody waits."""

import os
import threading
from types import SimpleNamespace

from api.background.gathering import Gatherer

ONE, OTHER = SimpleNamespace(name="one"), SimpleNamespace(name="other")


class Broker:
    """Takes messages one at a time, when it is let."""

    def __init__(self):
        self.sent = []
        self.arrived = threading.Semaphore(0)
        self.served = threading.Semaphore(0)

    def send(self, task):
        self.sent.append(task.name)
        self.arrived.release()
        self.served.acquire(timeout=10)


def test_what_comes_while_one_is_sent_is_sent_once_afterwards():
    broker = Broker()
    gatherer = Gatherer(broker.send, pause=0)
    gatherer.add(ONE)
    assert broker.arrived.acquire(timeout=10)
    for task in (ONE, OTHER, ONE, ONE):  # the broker does not answer, and nobody waits for it
        gatherer.add(task)
    assert broker.sent == ["one"]
    for _ in range(3):
        broker.served.release()
    assert all(broker.arrived.acquire(timeout=10) for _ in range(2))
    assert broker.sent == ["one", "one", "other"]


def test_a_pause_lies_between_messages():
    broker = Broker()
    gatherer = Gatherer(broker.send, pause=3600)
    gatherer.add(ONE)
    assert broker.arrived.acquire(timeout=10)
    broker.served.release()
    gatherer.add(ONE)
    assert not broker.arrived.acquire(timeout=0.05)


def test_a_forked_child_begins_anew():
    broker = Broker()
    gatherer = Gatherer(broker.send, pause=0)
    gatherer.add(ONE)
    assert broker.arrived.acquire(timeout=10)
    child = os.fork()
    if child == 0:
        gatherer.forget()
        gatherer.add(OTHER)
        os._exit(0 if broker.arrived.acquire(timeout=10) else 1)
    assert os.waitpid(child, 0)[1] == 0
