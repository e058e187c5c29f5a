"""Redis, a worker, PostgreSQL and a web process, each killed in turn and started again.

Whatever was acknowledged is stored once, reads answer or say cleanly that they can't, and all that
was due is done in the end, with no process but the killed one started anew.
"""

import re
import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.faults.stack.running import wait_for

READS = (
    "/v1/products",
    "/v1/products/product-3",
    "/v1/categories",
    "/v1/brands",
    "/v1/search?q=mug",
    "/v1/search",
    "/v1/recommendations/home",
    "/v1/recommendations/home?customer_id=customer-1",
    "/v1/recommendations/product?product_id=product-3",
    "/v1/recommendations/cart?customer_id=customer-1",
    "/v1/openapi.yaml",
)
DUE = """
SELECT customer.public_id FROM events_refreshrequest AS due
JOIN customers_customer AS customer ON customer.id = due.customer_id
"""
LISTED = """
SELECT FROM recommendations_customerrecommendations AS row
JOIN recommendations_activerun AS live ON live.run_id = row.run_id
JOIN customers_customer AS customer ON customer.id = row.customer_id
JOIN catalogue_product AS product ON product.id = ANY(row.product_ids)
WHERE customer.public_id = %s AND product.public_id = %s
"""
GAVE_UP = re.compile("Couldn't ack|Trying")
WAITING = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
SWEPT = """
SELECT FROM background_periodicrun
WHERE name = 'sweep refresh requests' AND state = 'succeeded' AND started_at > %s
"""


def event(customer, product, kind="purchase", event_id=None):
    return {
        "event_id": event_id or str(uuid4()),
        "type": kind,
        "customer_id": customer,
        "product_id": product,
        "occurred_at": datetime.now(UTC).isoformat(),
        "quantity": 1,
        **({"order_id": "order"} if kind == "purchase" else {}),
    }


def send(client, *events):
    answer = client.post("/v1/events", json={"events": list(events)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["stored"] == len(events)


def recommended(client, customer):
    answer = client.get("/v1/recommendations/home", params={"customer_id": customer})
    assert answer.json()["source"] == "personal"
    return [result["product"]["id"] for result in answer.json()["results"]]


def is_clean(answer):
    """Either what was asked for, or a problem document that says when to come back."""
    if answer.status_code == 200:
        return True
    kind = answer.headers["Content-Type"]
    return (
        answer.status_code == 503
        and kind == "application/problem+json"
        and int(answer.headers["Retry-After"]) > 0
    )


def nothing_is_due(stack):
    return not stack.rows(DUE)


@pytest.fixture
def same_processes(stack):
    """Every program that runs before the test runs after it."""
    before = stack.pids()
    yield
    assert stack.pids() == before


@contextmanager
def idle(stack):
    """Meanwhile nothing spins: processes use little more than they need to try again."""
    began = datetime.now(UTC)
    before = {name: stack.cpu_seconds(name) for name in stack.running}
    yield
    elapsed = (datetime.now(UTC) - began).total_seconds()
    for name, seconds in before.items():
        assert stack.cpu_seconds(name) - seconds < 1.0 + 0.3 * elapsed, name


@pytest.mark.usefixtures("same_processes")
def at_rest(log):
    return log.count("] received") == log.count("] succeeded in")


def test_redis(stack):
    with stack.client() as client:
        bought = recommended(client, "customer-1")[0]
        lines = stack.log("fast").count("Trying again")
        wait_for(lambda: at_rest(stack.log("fast")), "the worker has done what it had received")
        stack.kill_service("redis")
        with idle(stack):
            for path in READS + READS:
                assert client.get(path).status_code == 200, path
            send(client, event("customer-1", bought))
            wait_for(lambda: stack.log("fast").count("Trying again") > lines + 1, "retries")
        health = client.get("/readyz")
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        assert health.json()["checks"]["redis"]["status"] == "down"
        assert stack.rows(DUE) == [("customer-1",)]
        assert bought not in recommended(client, "customer-1")
        assert stack.rows(LISTED, "customer-1", bought)

        stack.start_services()
        wait_for(lambda: nothing_is_due(stack), "what was left is done")
        wait_for(lambda: not stack.rows(LISTED, "customer-1", bought), "and its row written")
        wait_for(
            lambda: client.get("/readyz").json()["checks"]["redis"]["status"] == "ok",
            "Redis is well",
        )


@contextmanager
def held_up(stack, client, customer, product):
    """Meanwhile a worker is about to write the customer's row, and can't."""
    with psycopg.connect(stack.services.database_url) as blocker:
        blocker.execute(
            "SELECT FROM recommendations_customerrecommendations AS row"
            " JOIN customers_customer AS customer ON customer.id = row.customer_id"
            " WHERE customer.public_id = %s FOR UPDATE OF row",
            [customer],
        )
        send(client, event(customer, product))
        wait_for(lambda: stack.rows(WAITING), "the worker writes the row")
        yield
        blocker.rollback()


@pytest.mark.usefixtures("same_processes")
def test_redis_that_hangs_while_a_worker_acknowledges(stack):
    with stack.client() as client:
        bought = recommended(client, "customer-9")[0]
        said = len(stack.log("fast"))
        with ExitStack() as hung:
            with held_up(stack, client, "customer-9", bought):
                hung.enter_context(stack.hung("redis"))
            for path in READS:
                assert client.get(path).status_code == 200, path
            # Usually the acknowledgement; a check of the connection may come first.
            wait_for(lambda: GAVE_UP.search(stack.log("fast"), said), "the worker stops waiting")
        send(client, event("customer-9", "product-1", "view"))
        wait_for(lambda: nothing_is_due(stack), "the worker goes on")
        wait_for(lambda: not stack.rows(LISTED, "customer-9", bought), "and its row written")


def test_a_worker_in_the_middle_of_a_refresh_and_beat(stack):
    with stack.client() as client:
        bought = recommended(client, "customer-2")[0]
        with held_up(stack, client, "customer-2", bought):
            stack.kill("fast")
            stack.kill("beat")
        send(client, *(event(f"customer-{n}", "product-1") for n in range(3, 8)))
        assert sorted(stack.rows(DUE)) == [(f"customer-{n}",) for n in range(2, 8)]
        assert stack.rows(LISTED, "customer-2", bought)
        assert bought not in recommended(client, "customer-2")

        stack.start("fast")
        stack.start("beat")
        wait_for(lambda: nothing_is_due(stack), "what was left is done")
        wait_for(lambda: not stack.rows(LISTED, "customer-2", bought), "and its row written")


class Sender(threading.Thread):
    """Sends one event after the other, each until it is acknowledged."""

    def __init__(self, stack):
        super().__init__()
        self.stack, self.leaving = stack, threading.Event()
        self.acknowledged, self.refused, self.unclean = [], 0, []

    def run(self):
        with self.stack.client() as client:
            for number in count():
                sent = event("customer-8", "product-2", "view", f"sent-{number}")
                while not self._is_acknowledged(client, sent):
                    if self.leaving.wait(0.02):
                        return
                self.acknowledged.append(sent["event_id"])
                if self.leaving.is_set():
                    return

    def _is_acknowledged(self, client, sent):
        try:
            answer = client.post("/v1/events", json={"events": [sent]})
        except httpx.TransportError as error:
            self.unclean.append(error)
            return False
        if answer.status_code == 200:
            body = answer.json()
            return body["stored"] + body["duplicate"] == 1
        self.refused += 1
        if not is_clean(answer):
            self.unclean.append(answer.text)
        return False


@pytest.mark.usefixtures("same_processes")
def test_postgresql(stack):
    sender = Sender(stack)
    sender.start()
    try:
        wait_for(lambda: len(sender.acknowledged) > 20, "events are stored")
        with stack.client() as client:
            token = client.post("/v1/visitors").json()["token"]
        stack.kill_service("postgres")
        with idle(stack), stack.client() as client:
            for path in READS + READS:
                answer = client.get(path)
                assert is_clean(answer), (path, answer.text)
            assert is_clean(client.post("/v1/visitors"))
            identity = {"visitor_token": token, "customer_id": "customer-1"}
            assert is_clean(client.post("/v1/identify", json=identity))
            assert client.get("/readyz").status_code == 503
            assert client.get("/livez").status_code == 200
            wait_for(lambda: sender.refused > 20, "events are refused")
        began = datetime.now(UTC)
        stack.start_services()
        so_far = len(sender.acknowledged)
        wait_for(lambda: len(sender.acknowledged) > so_far + 20, "events are stored again")
    finally:
        sender.leaving.set()
        sender.join()
    assert sender.unclean == []
    for table in ("events_event", "events_eventkey"):
        found = stack.rows(f"SELECT event_id FROM {table} WHERE event_id LIKE 'sent-%%'")
        assert sorted(name for (name,) in found) == sorted(sender.acknowledged)
    with stack.client() as client:
        for path in READS:
            assert client.get(path).status_code == 200, path
    wait_for(lambda: nothing_is_due(stack), "what was left is done")
    wait_for(lambda: stack.rows(SWEPT, began), "Beat and a worker go on")


def test_a_web_process(stack):
    with stack.client() as client:
        stack.kill_children("web")
        wait_for(lambda: respawned(client), "the web server answers again")
        for path in READS:
            assert client.get(path).status_code == 200, path


def respawned(client):
    try:
        return client.get("/livez").status_code == 200
    except httpx.TransportError:
        return False
