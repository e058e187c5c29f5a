"""Services and programs killed at random while clients send: each event is stored, and once.

Clients send a batch again until it is acknowledged, as real ones do. In the end the log holds what
was acknowledged: nothing twice, nothing missing, nothing else. `make soak` runs it at length.
"""

import random
import threading
from datetime import UTC, datetime
from time import sleep
from uuid import uuid4

import httpx
import pytest

from tests.faults.stack.running import wait_for

CLIENTS = 4
LARGEST_BATCH = 100
SEED = 20260131
VICTIMS = ("postgres", "redis", "web", "web's children", "fast", "pipeline", "beat")


def make_batch(chance, size):
    now = datetime.now(UTC).isoformat()
    return [
        {
            "event_id": str(uuid4()),
            "type": chance.choice(("view", "add_to_cart", "click")),
            "customer_id": f"customer-{chance.randrange(200)}",
            "product_id": f"product-{chance.randrange(30)}",
            "occurred_at": now,
        }
        for _ in range(size)
    ]


class RetryingClient(threading.Thread):
    """Sends `count` events in batches of any size, each until it is acknowledged."""

    def __init__(self, stack, count, seed):
        super().__init__(daemon=True)
        self.stack, self.count, self.chance = stack, count, random.Random(seed)
        self.acknowledged, self.wrong = [], []
        self.abandoned = threading.Event()

    def run(self):
        left = self.count
        while left and not self.abandoned.is_set():
            batch = make_batch(self.chance, min(left, self.chance.randint(1, LARGEST_BATCH)))
            while not self.abandoned.is_set() and not self.is_acknowledged(batch):
                sleep(0.05 * self.chance.random())
                self.chance.shuffle(batch)
            left -= len(batch)

    def is_acknowledged(self, batch):
        try:
            # A connection for each attempt: what was killed is not talked to again.
            with self.stack.client() as client:
                answer = client.post("/v1/events", json={"events": batch})
        except httpx.TransportError:
            return False
        if answer.status_code == 503:
            return False
        outcomes = answer.json().get("outcomes", [])
        if {one["outcome"] for one in outcomes} <= {"stored", "duplicate"} and outcomes:
            self.acknowledged += [one["event_id"] for one in outcomes]
            return True
        self.wrong.append(answer.text[:500])
        self.abandoned.set()
        return False


def kill(stack, victim, chance):
    """Kill `victim`, and have it run again after a moment."""
    if victim in {"postgres", "redis"}:
        stack.kill_service(victim)
        sleep(chance.random())
        stack.start_services()
    elif victim == "web's children":
        stack.kill_children("web")
    else:
        stack.kill(victim)
        sleep(chance.random())
        stack.start(victim)


@pytest.mark.parametrize(
    ("events", "kills"),
    [
        pytest.param(5_000, 3, id="short"),
        pytest.param(200_000, 20, id="long", marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
    ],
)
def test_what_is_acknowledged_is_stored_once_whatever_is_killed(stack, events, kills):
    chance = random.Random(SEED)
    # The short run kills what holds events; the long one each of them several times.
    victims = ["postgres", "web", "redis"] if kills == 3 else list(VICTIMS) * kills
    clients = [RetryingClient(stack, events // CLIENTS, SEED + n) for n in range(CLIENTS)]
    for client in clients:
        client.start()

    def done():
        return sum(len(client.acknowledged) for client in clients)

    def is_stuck():
        return any(client.wrong for client in clients)

    try:
        for number, victim in enumerate(chance.sample(victims, kills), 1):
            due = events * number // (kills + 1)
            wait_for(lambda due=due: done() >= due or is_stuck(), f"{due} events", 600)
            kill(stack, victim, chance)
        wait_for(lambda: done() >= events or is_stuck(), "all are acknowledged", 600)
    finally:
        for client in clients:
            client.abandoned.set()
            client.join(30)
    assert [client.wrong for client in clients] == [[]] * CLIENTS
    acknowledged = sorted(name for client in clients for name in client.acknowledged)
    assert len(acknowledged) == len(set(acknowledged)) == events
    for table in ("events_event", "events_eventkey"):
        rows = stack.rows(f"SELECT event_id FROM {table} WHERE event_id NOT LIKE 'past-%%'")
        assert sorted(name for (name,) in rows) == acknowledged, table
