"""Calls beyond the rate: 429 that says when to come back; never because Redis is down."""

import time
from itertools import chain

import pytest
from django.core.cache import caches
from django.test import Client
from django_redis import get_redis_connection

from api.cache import PausingRedis
from tests.factories.events import bearer, make_visitor, visitor_header
from tests.factories.threads import in_threads

pytestmark = pytest.mark.django_db
PATH = "/v1/products"


def statuses(count, **headers):
    return [Client().get(PATH, headers=headers).status_code for _ in range(count)]


def test_a_key_has_its_rate_and_other_keys_have_theirs(settings):
    settings.API_RATE_KEY = 3
    mine, other = bearer(), bearer()
    assert statuses(4, **mine) == [200, 200, 200, 429]
    assert statuses(1, **other) == [200]


def test_a_refusal_says_when_to_come_back(settings):
    settings.API_RATE_KEY = 1
    key = bearer()
    assert statuses(1, **key) == [200]
    answer = Client().get(PATH, headers=key)
    assert answer.status_code == 429
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "throttled"
    assert 1 <= int(answer["Retry-After"]) <= 61


def test_a_shopper_has_a_rate_under_one_shared_key(settings):
    settings.API_RATE_SHOPPER = 2
    key = bearer()
    mine, other = (key | visitor_header(make_visitor()) for _ in range(2))
    assert statuses(3, **mine) == [200, 200, 429]
    assert statuses(2, **other) == [200, 200]
    assert statuses(5, **key) == [200] * 5


def test_what_was_refused_for_the_shopper_does_not_count_for_the_key(settings):
    settings.API_RATE_KEY, settings.API_RATE_SHOPPER = 5, 1
    key = bearer()
    mine = key | visitor_header(make_visitor())
    assert statuses(9, **mine)[1:] == [429] * 8
    assert statuses(5, **key) == [200] * 4 + [429]


def test_without_a_key_the_address_counts(settings):
    settings.ANONYMOUS_READS, settings.API_RATE_ANONYMOUS = True, 2
    assert statuses(3) == [200, 200, 429]
    assert Client(REMOTE_ADDR="10.1.1.1").get(PATH).status_code == 200


def test_zero_is_no_limit(settings):
    settings.API_RATE_KEY = 0
    key = bearer()
    assert statuses(20, **key) == [200] * 20
    assert not get_redis_connection("default").keys("storefront:throttle:key*")


def test_the_bucket_refills(settings):
    settings.API_RATE_KEY = 2
    key = bearer()
    assert statuses(3, **key) == [200, 200, 429]
    client = get_redis_connection("default")
    (name,) = client.keys("storefront:throttle:key:*")
    client.set(name, int(client.get(name)) - 30_000_000)  # as if half a minute had passed
    assert statuses(2, **key) == [200, 429]


@pytest.mark.django_db(transaction=True)
def test_callers_at_once_share_the_rate(settings):
    settings.API_RATE_KEY = 10
    key = bearer()
    answers = in_threads(4, lambda _: statuses(5, **key))
    assert sorted(chain.from_iterable(answers)) == [200] * 10 + [429] * 10


def test_while_redis_is_down_nobody_is_refused(settings, tmp_path):
    settings.API_RATE_KEY = 1
    cache = {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody.sock?db=0"}
    settings.CACHES = {"default": cache}
    assert caches["default"].get("x") is None
    assert statuses(3, **bearer()) == [200] * 3


@pytest.fixture
def questions(monkeypatch):
    """The commands that Redis is asked; its own count is of all who share it."""
    asked, execute = [], PausingRedis.execute_command

    def count(client, *words, **options):
        asked.append(words[0])
        return execute(client, *words, **options)

    monkeypatch.setattr(PausingRedis, "execute_command", count)
    return asked


def test_it_is_one_question(questions):
    key = bearer() | visitor_header(make_visitor())
    statuses(1, **key)
    questions.clear()
    statuses(1, **key)
    assert questions == ["EVALSHA"]


def test_who_calls_much_is_let_through_without_a_question(settings, questions):
    settings.API_RATE_KEY = 600_000
    assert statuses(60, **bearer()) == [200] * 60
    assert len(questions) < 30  # six, unless the machine is so slow that advances lapse


@pytest.mark.django_db(transaction=True)
def test_advances_let_nobody_exceed_the_rate(settings):
    settings.API_RATE_KEY = 12_000
    key = bearer()
    assert statuses(1, **key) == [200]
    client = get_redis_connection("default")
    (name,) = client.keys("storefront:throttle:key:*")
    client.set(name, int(client.get(name)) + 59_900_000)  # room for 20 calls, and 200 a second
    begun = time.monotonic()
    made = [status for _ in range(40) for status in statuses(2, **key)].count(200)
    assert made <= 20 + 200 * (time.monotonic() - begun) + 1


def test_health_is_never_throttled(settings):
    settings.API_RATE_ANONYMOUS = 1
    assert [Client().get("/livez").status_code for _ in range(3)] == [200] * 3
