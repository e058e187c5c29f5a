"""What a shop's back end does to prices."""

from decimal import Decimal

import pytest
from django.test import Client

from catalogue.models import Offer
from pricing.algorithms.decisions import Proposed
from pricing.models import PriceProposal, PricingAction, PricingRule
from pricing.services import deciding
from tests.factories.catalogue import make_category, make_product
from tests.factories.events import bearer
from tests.factories.pricing import make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def back_end():
    key = bearer("secret")

    def call(method, path, body=None, headers=key, **query):
        url = f"/v1/{path}"
        if method == "get":
            return Client().get(url, query, headers=headers)
        return getattr(Client(), method)(url, body or {}, "application/json", headers=headers)

    return call


@pytest.fixture
def pending(monkeypatch):
    """Three proposals that wait: from 100 to 90."""
    for number in range(3):
        make_product(f"p{number}", list_price=100, cost=50)

    class Wants:
        def decide(self, situations, _terms):
            return [Proposed(Decimal(90), ("too dear",))] * len(situations)

    monkeypatch.setattr(deciding, "load_deciders", lambda _slot: {"rules": Wants()})
    make_rule(approval="person", name="everything")
    deciding.decide_prices()
    return list(PriceProposal.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "price-proposals"), ("post", "price-proposals/decisions"),
     ("get", "pricing/kill-switch"), ("put", "pricing/kill-switch"), ("get", "pricing/rules"),
     ("put", "pricing/rules/x"), ("delete", "pricing/rules/x"), ("put", "products/x/price-freeze"),
     ("get", "products/x/price-freeze"), ("post", "pricing/prices")],
)  # fmt: skip
def test_it_takes_a_secret_key_of_the_right_scope(back_end, method, path):
    for headers in (bearer(), bearer("secret", ["events:write"])):
        assert back_end(method, path, headers=headers).status_code == 403
    if method != "get":
        readers = bearer("secret", ["prices:read"])
        assert back_end(method, path, headers=readers).status_code == 403


def test_proposals_are_listed_with_their_reasons(back_end, pending, django_assert_num_queries):
    back_end("get", "price-proposals")
    with django_assert_num_queries(1):
        answer = back_end("get", "price-proposals", limit=2)
    body = answer.json()
    assert [row["id"] for row in body["results"]] == pending[:0:-1]
    row = body["results"][0]
    assert (row["product_id"], row["rule"], row["reasons"]) == (
        "p2", "everything v1", ["too dear"],
    )  # fmt: skip
    assert (row["base_price"]["amount"], row["price"]["amount"], row["cost"]["amount"]) == (
        "100.00", "90.00", "50.00",
    )  # fmt: skip
    assert body["next"]
    assert back_end("get", "price-proposals", state="applied").json()["results"] == []
    assert back_end("get", "price-proposals", state="x").status_code == 400
    for which, found in (
        ({"rule": "everything"}, 3), ({"rule": "nothing"}, 0), ({"rule": "a\x00"}, 0),
        ({"product_id": "p1"}, 1), ({"product_id": "p1", "rule": "everything"}, 1),
        ({"product_id": ""}, 0),
    ):  # fmt: skip
        assert len(back_end("get", "price-proposals", **which).json()["results"]) == found


def test_many_are_approved_and_rejected_at_once(back_end, pending):
    body = {"approve": [*pending[:2], 10**12], "reject": [pending[2]], "reason": "season"}
    decisions = back_end("post", "price-proposals/decisions", body).json()["decisions"]
    assert [decision["outcome"] for decision in decisions] == [
        "applied", "applied", "unknown", "rejected",
    ]  # fmt: skip
    assert sorted(Offer.objects.values_list("amount", flat=True)) == [90, 90, 100]
    acts = set(PricingAction.objects.values_list("kind", "target", "reason"))
    assert acts == {
        *(("approve", f"proposal {pk}", "season") for pk in pending[:2]),
        ("reject", f"proposal {pending[2]}", "season"),
    }
    assert PricingAction.objects.first().actor.startswith("key sk_")


@pytest.mark.parametrize(
    "body",
    [{"approve": [1], "reject": [1]}, {"approve": list(range(1, 502))}, {"approve": [0]},
     {"approve": "all"}, {"approves": []}, {"approve": [2**63]}],
)  # fmt: skip
def test_wrong_decisions_are_refused(back_end, body):
    assert back_end("post", "price-proposals/decisions", body).status_code == 400


def test_the_kill_switch_returns_prices_before_it_answers(back_end, pending):
    back_end("post", "price-proposals/decisions", {"approve": pending})
    answer = back_end("put", "pricing/kill-switch", {"engaged": True, "reason": "an error"})
    [switch] = answer.json()["switches"]
    assert (switch["engaged"], switch["category"], switch["reason"]) == (True, None, "an error")
    assert set(Offer.objects.values_list("amount", flat=True)) == {100}
    back_end("put", "pricing/kill-switch", {"engaged": False})
    assert back_end("get", "pricing/kill-switch").json()["switches"][0]["engaged"] is False


def test_a_category_has_a_switch_of_its_own(back_end):
    make_category("Phones", "Cases")
    body = {"engaged": True, "category": "phones/cases"}
    [switch] = back_end("put", "pricing/kill-switch", body).json()["switches"]
    assert switch["category"] == "phones/cases"
    wrong = back_end("put", "pricing/kill-switch", body | {"category": "nothing"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/category")


def test_a_product_is_frozen_and_moves_again(back_end, pending):
    body = {"frozen": True, "until": "2999-01-01T00:00:00Z", "reason": "a fair"}
    frozen = back_end("put", "products/p0/price-freeze", body)
    assert frozen.status_code == 200
    assert (frozen.json()["until"], frozen.json()["reason"]) == ("2999-01-01T00:00:00Z", "a fair")
    assert back_end("get", "products/p0/price-freeze").json() == frozen.json()
    assert back_end("get", "products/p1/price-freeze").json()["frozen"] is False
    decisions = back_end("post", "price-proposals/decisions", {"approve": pending}).json()
    assert [d["outcome"] for d in decisions["decisions"]] == ["refused", "applied", "applied"]
    assert back_end("put", "products/p0/price-freeze", {"frozen": False}).status_code == 200
    assert back_end("get", "products/p0/price-freeze").json()["frozen"] is False
    assert back_end("put", "products/nothing/price-freeze", {"frozen": True}).status_code == 404
    assert back_end("get", "products/nothing/price-freeze").status_code == 404


def test_a_rule_is_kept_by_its_name(back_end):
    make_category("Phones")
    body = {
        "scope": "category", "category": "phones", "max_change_day": "0.1", "margin_floor": "0.2",
        "steps": [{"when": [{"signal": "days_of_cover", "op": "<", "value": 7}],
                   "change": "0.03"}], "approval": "threshold", "approval_threshold": "0.05",
    }  # fmt: skip
    first = back_end("put", "pricing/rules/phones", body)
    assert first.status_code == 201, first.json()
    assert (first.json()["version"], first.json()["currency"]) == (1, "USD")
    assert back_end("put", "pricing/rules/phones", body | {"priority": 2}).json()["version"] == 2
    [listed] = back_end("get", "pricing/rules").json()["results"]
    assert listed == back_end("get", "pricing/rules/phones").json()
    assert back_end("delete", "pricing/rules/phones").status_code == 204
    assert back_end("get", "pricing/rules/phones").status_code == 404
    assert PricingRule.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scope": "product"}, "/product"),
        ({"brand": None, "scope": "brand"}, "/brand"),
        ({"steps": [{"change": 3}]}, "/steps/0/change"),
        ({"steps": [{"when": [{"signal": "x"}], "change": "0.1"}]}, "/steps/0/when/0/signal"),
        ({"steps": {}}, "/steps"),
        ({"steps": ""}, "/steps"),
        ({"max_change_day": "7"}, "/max_change_day"),
        ({"max_change_day": "x"}, "/max_change_day"),
        ({"approval_threshold": "5"}, "/approval_threshold"),
        ({"margin_floor": "15"}, "/margin_floor"),
        ({"scope": "category", "category": "nothing"}, "/category"),
        ({"currency": "usd"}, "/currency"),
        ({"ending": "x"}, "/ending"),
        ({"interval_minutes": 0}, "/interval_minutes"),
        ({"proposal_minutes": 0}, "/proposal_minutes"),
        ({"decider": "campaign"}, "/campaign_price"),
        ({"decider": "campaign", "campaign_price": "-1"}, "/campaign_price"),
        ({"decider": "campaign", "campaign_list_ratio": "80"}, "/campaign_list_ratio"),
        ({"campaign_price": "1"}, "/campaign_price"),
        ({"active_from": "2026-01-02T00:00:00Z", "active_until": "2026-01-01T00:00:00Z"},
         "/active_until"),
        ({"speed": 9}, "/speed"),
        ({"min_price": "-1"}, "/min_price"),
        ({"min_price": "5", "max_price": "4"}, "/max_price"),
    ],
)  # fmt: skip
def test_a_rule_that_can_not_be_kept_says_why(back_end, body, pointer):
    answer = back_end("put", "pricing/rules/x", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_a_rule_is_retired_with_a_reason(back_end):
    back_end("put", "pricing/rules/all", {})
    url = "pricing/rules/all?"
    assert back_end("delete", f"{url}reason={'x' * 501}").status_code == 400
    assert back_end("delete", f"{url}why=x").status_code == 400
    assert back_end("delete", f"{url}reason=the+season+is+over").status_code == 204
    action = PricingAction.objects.first()
    assert (action.kind, action.reason) == ("retire_rule", "the season is over")
