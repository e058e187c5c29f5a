"""The same batch posted fifty times at once; a thousand events of which some are bad."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from events.models import Event, EventKey, RejectedEvent, StaleDay
from tests.factories.catalogue import make_product
from tests.factories.events import bearer, event

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 50


def test_there_is_one_copy_of_each_event(live_server):
    headers = bearer("secret")
    lamp = make_product().public_id
    good = [event(product_id=lamp, customer_id=f"c-{number % 9}") for number in range(60)]
    batch = [*good, *(event(product_id="later", customer_id="c-1") for _ in range(3)), {"x": 1}]
    barrier = Barrier(CLIENTS)

    def post(_):
        with httpx.Client(base_url=live_server.url, headers=headers, timeout=60) as client:
            client.get("/livez")
            barrier.wait(60)
            return client.post("/v1/events", json={"events": batch}).raise_for_status().json()

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(post, range(CLIENTS)))
    assert sum(answer["stored"] for answer in answers) == 60
    assert sum(answer["duplicate"] for answer in answers) == 49 * 60
    assert {answer["rejected"] for answer in answers} == {4}
    ids = sorted(one["event_id"] for one in good)
    assert sorted(Event.objects.values_list("event_id", flat=True)) == ids
    assert sorted(EventKey.objects.values_list("event_id", flat=True)) == ids
    assert RejectedEvent.objects.count() == 4
    assert StaleDay.objects.count() >= 1


def test_of_a_thousand_events_the_bad_ones_are_told_by_index(live_server):
    make_product("lamp")
    bad = set(range(0, 999, 27))
    events = [
        event(product_id="chair" if number in bad else "lamp", customer_id="c")
        for number in range(1000)
    ]
    answer = httpx.post(
        f"{live_server.url}/v1/events",
        json={"events": events},
        headers=bearer("secret"),
        timeout=60,
    ).json()
    assert (answer["stored"], answer["duplicate"], answer["rejected"]) == (963, 0, 37)
    rejected = [one for one in answer["outcomes"] if one["outcome"] == "rejected"]
    assert [one["index"] for one in rejected] == sorted(bad)
    assert {one["code"] for one in rejected} == {"unknown_product"}
    assert [one["pointer"] for one in rejected] == [f"/events/{n}/product_id" for n in sorted(bad)]
    kept = RejectedEvent.objects.values_list("event_id", flat=True)
    assert set(kept) == {events[number]["event_id"] for number in bad}
