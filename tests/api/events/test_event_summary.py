"""GET /v1/events/summary: counts by hour or day, for a back end's dashboard."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.algorithms.lines import Sender
from events.models import RejectedEvent
from events.services import record_events, roll_up_events
from tests.factories.catalogue import make_product
from tests.factories.events import bearer, event, make_customer, make_visitor, record_event

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 30, tzinfo=UTC)


@pytest.fixture
def shop():
    return bearer("secret", [])


def ask(headers, **parameters):
    return Client().get("/v1/events/summary", parameters, headers=headers)


def at(hours):
    return {"occurred_at": (START + timedelta(hours=hours)).isoformat()}


def refusal(answer):
    assert answer.status_code == 400, answer.content
    (error,) = answer.json()["errors"]
    return error["parameter"]


def test_days(shop):
    lamp, customer, visitor = make_product(), make_customer(), make_visitor()
    sold = {"product": lamp, "quantity": 2, "unit_price": "2.50"}
    record_event("purchase", customer=customer, **sold, **at(1))
    record_event("purchase", visitor=visitor, **sold, **at(2))
    record_event(product=lamp, visitor=visitor, unit_price="2.50", **at(25))
    roll_up_events()
    answer = ask(shop, **{"from": "2026-01-30", "to": "2026-02-02"}).json()
    assert (answer["from"], answer["to"]) == ("2026-01-30T00:00:00Z", "2026-02-02T00:00:00Z")
    sold = {
        "type": "purchase", "events": 2, "units": 4, "bots": 0,
        "revenue": {"amount": "10.00", "currency": "USD"},
    }  # fmt: skip
    seen = sold | {
        "type": "view",
        "events": 1,
        "units": 1,
        "revenue": None,
    }
    assert answer["totals"] == {"types": [sold, seen], "rejections": []}
    assert answer["buckets"] == [
        {
            "start": "2026-01-30T00:00:00Z",
            "types": [sold | {"shoppers": 2}],
            "rejections": [],
        },
        {
            "start": "2026-01-31T00:00:00Z",
            "types": [seen | {"shoppers": 1}],
            "rejections": [],
        },
        {"start": "2026-02-01T00:00:00Z", "types": [], "rejections": []},
    ]


def test_hours_of_some_types(shop):
    lamp, customer = make_product(), make_customer()
    record_event(product=lamp, customer=customer, **at(1.5))
    record_event("click", product=lamp, customer=customer, **at(1.5))
    record_event(product=lamp, customer=customer, **at(3))
    roll_up_events()
    window = {"from": "2026-01-30T01:59:59Z", "to": "2026-01-30T03:30:00+01:00", "by": "hour"}
    answer = ask(shop, type=["view"], **window).json()
    assert [
        (bucket["start"][11:13], [(one["type"], one["events"]) for one in bucket["types"]])
        for bucket in answer["buckets"]
    ] == [("01", [("view", 1)]), ("02", [])]
    assert [one["type"] for one in answer["totals"]["types"]] == ["view"]


def test_bots_are_counted_by_themselves(shop):
    bot = make_visitor()
    record_event(product=make_product(), visitor=bot)
    record_event(product=make_product(), customer=make_customer())
    type(bot).objects.update(is_bot=True)
    roll_up_events()
    for by in ("hour", "day"):
        (views,) = ask(shop, by=by).json()["totals"]["types"]
        assert (views["events"], views["units"], views["bots"]) == (1, 1, 1)


def test_rejections_by_reason_when_they_came(shop):
    customer = make_customer().public_id
    bad = [event(customer_id=customer, product_id=f"later-{n}") for n in range(2)]
    record_events([*bad, event(customer_id=customer, type="?")], Sender(is_trusted=True))
    make_product("later-0")
    RejectedEvent.objects.filter(product_public_id="later-0").update(replayed_at=timezone.now())
    totals = ask(shop).json()["totals"]
    assert totals["rejections"] == [
        {"code": "unknown_product", "events": 2, "replayed": 1},
        {"code": "unknown_type", "events": 1, "replayed": 0},
    ]


def test_it_says_how_fresh_it_is(shop):
    record_event(product=make_product(), customer=make_customer())
    before = timezone.now()
    stale = ask(shop).json()
    assert datetime.fromisoformat(stale["as_of"]) < before
    assert stale["totals"]["types"] == []
    roll_up_events()
    fresh = ask(shop).json()
    assert datetime.fromisoformat(fresh["as_of"]) > before
    assert fresh["totals"]["types"][0]["events"] == 1


@pytest.mark.parametrize(("by", "buckets"), [("day", 30), ("hour", 48)])
def test_the_usual_window_ends_with_now(shop, by, buckets):
    answer = ask(shop, by=by).json()
    assert len(answer["buckets"]) == buckets
    last = datetime.fromisoformat(answer["buckets"][-1]["start"])
    assert last <= timezone.now() < datetime.fromisoformat(answer["to"])


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"by": "week"}, "by"),
        ({"type": "stare"}, "type"),
        ({"since": "2026-01-01"}, "since"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-01-30T00:00:00"}, "from"),
        ({"from": "1999-12-31"}, "from"),
        ({"to": "9999-12-31T23:59:59Z"}, "to"),
        ({"to": "0001-01-01T00:00:00+14:00"}, "to"),
        ({"from": "2026-01-30", "to": "2026-01-30"}, "from"),
        ({"from": "2024-01-01", "to": "2026-01-02"}, "from"),
        ({"from": "2026-01-01", "to": "2026-02-02", "by": "hour"}, "from"),
    ],
)
def test_what_is_refused(shop, parameters, named):
    assert refusal(ask(shop, **parameters)) == named


def test_two_years_of_days_and_a_month_of_hours_are_not_too_long(shop):
    for window in (
        {"from": "2024-01-01", "to": "2025-12-31"},
        {"from": "2026-01-01", "to": "2026-02-01", "by": "hour"},
    ):
        assert ask(shop, **window).status_code == 200


def test_it_needs_a_secret_key():
    answer = ask(bearer())
    assert (answer.status_code, answer.json()["code"]) == (403, "secret_key_required")
    assert ask({}).status_code == 401


def test_three_queries_however_much_there_is(shop, django_assert_num_queries):
    for number in range(3):
        record_event(product=make_product(), customer=make_customer(), **at(30 * number))
    roll_up_events()
    ask(shop)  # the key is read once
    with django_assert_num_queries(3):
        ask(shop, **{"from": "2026-01-01", "to": "2026-03-01"})
