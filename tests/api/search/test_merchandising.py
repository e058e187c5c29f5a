"""Synonyms, rules and blocked suggestions by API: who may, what is refused, what is kept."""

import pytest
from django.test import Client

from search.models import MerchandisingRule, RuleAction
from search.selectors.merchandising import read_merchandising
from search.selectors.state import forget_live_index
from tests.factories.catalogue import make_product
from tests.factories.events import bearer

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def shop():
    make_product("mug", category=("Kitchen", "Mugs"), brand="Acme")


@pytest.fixture
def key():
    return bearer("secret", ["search:write"])


def call(method, path, body=None, headers=None):
    return getattr(Client(), method)(
        f"/v1/search/{path}", *([body] if body is not None else []), content_type=JSON,
        headers=headers,
    )  # fmt: skip


def rule(**fields):
    return {
        "name": "Mugs first", "queries": ["mug"],
        "actions": [{"kind": "pin", "product": "mug", "position": 1}],
    } | fields  # fmt: skip


@pytest.mark.parametrize("path", ["rules", "synonyms", "blocked-suggestions", "reports/queries"])
def test_only_a_secret_key_with_the_scope_reads(path, settings):
    settings.ANONYMOUS_READS = True
    for headers in (None, bearer(), bearer("secret", ["events:write"])):
        answer = call("get", path, headers=headers)
        assert answer.status_code in {401, 403}, answer.content
        assert answer["Content-Type"] == "application/problem+json"
    for scope in ("search:read", "search:write"):
        assert call("get", path, headers=bearer("secret", [scope])).status_code == 200


def test_reading_is_not_writing(shop):
    answer = call("post", "rules", rule(), bearer("secret", ["search:read"]))
    assert answer.status_code == 403
    assert answer.json()["code"] == "secret_key_required"
    assert "search:write" in answer.json()["detail"]


def test_a_rule_is_made_shown_changed_and_deleted(shop, key):
    made = call("post", "rules", rule(category="kitchen"), key)
    assert made.status_code == 201, made.content
    path = f"rules/{made.json()['id']}"
    shown = call("get", path, headers=key).json()
    assert shown["category"] == "kitchen"
    assert shown["actions"][0]["product"] == "mug"
    banner = [{"kind": "banner", "text": "Sale", "url": "/sale"}]
    changed = call("patch", path, {"actions": banner, "priority": 5}, key).json()
    assert changed["priority"] == 5
    assert [one["kind"] for one in changed["actions"]] == ["banner"]
    assert call("patch", path, {"enabled": False}, key).json()["actions"] == changed["actions"]
    assert call("put", path, changed, key).status_code == 200
    assert call("delete", path, headers=key).status_code == 204
    assert call("get", path, headers=key).status_code == 404
    assert not RuleAction.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"queries": "mug"}, "/queries"),
        ({"queries": ["!"]}, "/queries"),
        ({"category": "nowhere"}, "/category"),
        ({"match": "fuzzy"}, "/match"),
        ({"priority": 40_000}, "/priority"),
        ({"actions": []}, "/actions"),
        ({"actions": [{"kind": "pin", "product": "mug"}]}, "/actions/0/position"),
        ({"actions": [{"kind": "pin", "product": "nope", "position": 1}]}, "/actions/0/product"),
        ({"actions": [{"kind": "pin", "product": "a\x00", "position": 1}]}, None),
        ({"actions": [{"kind": "hide", "product": ["mug"]}]}, "/actions/0/product"),
        ({"actions": [{"kind": "redirect", "url": "javascript:x"}]}, "/actions/0/url"),
        ({"actions": [{"kind": "hide", "shop": 1}]}, "/actions/0/shop"),
        ({"colour": "red"}, "/colour"),
        ({"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}, "/ends_at"),
    ],
)
def test_a_wrong_rule_is_refused_by_pointer(shop, key, change, pointer):
    answer = call("post", "rules", rule(**change), key)
    assert answer.status_code == 400, answer.content
    if pointer:
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not MerchandisingRule.objects.exists()


def test_synonyms_are_made_and_refused(key):
    made = call("post", "synonyms", {"terms": ["tv", "television"]}, key)
    assert made.status_code == 201, made.content
    path = f"synonyms/{made.json()['id']}"
    assert call("patch", path, {"terms": ["tv"]}, key).status_code == 400
    one_way = {"direction": "one_way", "phrase": "telly", "terms": ["tv"]}
    assert call("put", path, one_way, key).status_code == 200
    assert (
        call("post", "synonyms", {"direction": "one_way", "terms": ["tv"]}, key).json()["errors"][
            0
        ]["pointer"]
        == "/phrase"
    )


def test_what_is_blocked_twice_is_refused(key):
    assert call("post", "blocked-suggestions", {"text": "rude"}, key).status_code == 201
    assert call("post", "blocked-suggestions", {"text": "rude"}, key).status_code == 400
    assert call("post", "blocked-suggestions", {"text": "!!"}, key).status_code == 400


def _remembered():
    forget_live_index()  # as a second later
    return read_merchandising()


@pytest.mark.parametrize("kind", ["rules", "synonyms", "blocked-suggestions"])
def test_whoever_writes_every_process_follows(shop, kind, key):
    bodies = {
        "rules": rule(), "synonyms": {"terms": ["a", "b"]}, "blocked-suggestions": {"text": "a"},
    }  # fmt: skip
    made = call("post", kind, bodies[kind], key)
    seen = [_remembered()]
    call("delete", f"{kind}/{made.json()['id']}", headers=key)
    seen.append(_remembered())
    assert seen[0].version < seen[1].version
    assert len(seen[0].rules) + len(seen[0].synonyms) + len(seen[0].blocked) > 0
    assert not seen[1].rules
    assert not seen[1].synonyms
    assert not seen[1].blocked


def test_lists_page_in_the_order_of_making_with_few_queries(shop, key, django_assert_num_queries):
    for number in range(5):
        call("post", "rules", rule(name=f"r{number}"), key)
    with django_assert_num_queries(3):  # rules, their actions, the products of these
        page = call("get", "rules?limit=3", headers=key).json()
    assert [one["name"] for one in page["results"]] == ["r0", "r1", "r2"]
    following = Client().get(page["next"], headers=key).json()
    assert [one["name"] for one in following["results"]] == ["r3", "r4"]
    assert call("get", "rules?page=1", headers=key).status_code == 400
