"""`explain=true`: because of which interactions, from which run and source, at what rank."""

import re
from datetime import datetime

from recommendations.models import CustomerRecommendations
from tests.factories.events import customer_header, make_visitor, record_event, visitor_header


def test_a_personal_recommendation_is_explained(shop, run, ask):
    headers = customer_header(shop.gardener.public_id)
    row = CustomerRecommendations.objects.get(customer=shop.gardener)
    body = ask(headers=headers, explain="true", exclude=shop.garden[7].public_id)
    first = body["results"][0]
    why = first["explain"]
    assert (why["source"], why["run"]) == ("personal", run.run_id)
    assert re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}(\.\d+)?Z", why["computed_at"])
    assert datetime.fromisoformat(why["computed_at"]) == row.computed_at
    by_rank = {one.pk: one.public_id for one in [*shop.garden, *shop.kitchen]}
    for result in body["results"]:
        if result["explain"]["source"] == "personal":
            ranked = row.product_ids[result["explain"]["rank"] - 1]
            assert by_rank[ranked] == result["product"]["id"]
    assert [one["product_id"] for one in why["because_of"]] == [
        one["product_id"] for one in first["reason"]["because_of"]
    ]
    bought = {product.public_id for product in shop.garden[:7]}
    for because in why["because_of"]:
        assert because["product_id"] in bought
        (deed,) = because["interactions"]
        assert (deed["type"], deed["count"]) == ("purchase", 1)


def test_what_filled_the_page_is_named_one_by_one(shop, run, ask):
    rows = CustomerRecommendations.objects.filter(customer=shop.gardener)
    rows.update(product_ids=[shop.garden[8].pk], scores=[1.0], reasons=[[]])
    body = ask(headers=customer_header(shop.gardener.public_id), explain="1", limit=50)
    sources = [result["explain"]["source"] for result in body["results"]]
    assert sources[0] == body["source"] == "personal"
    assert "popular" in sources
    assert all(
        result["explain"]["because_of"] == []
        for result in body["results"] if result["explain"]["source"] == "popular"
    )  # fmt: skip


def test_a_session_is_explained_by_views(shop, run, ask):
    visitor = make_visitor()
    record_event("view", product=shop.garden[0], visitor=visitor)
    body = ask("cart", headers=visitor_header(visitor), explain="true")
    assert body["source"] == "category_popular"
    record_event("add_to_cart", product=shop.garden[0], visitor=visitor)
    why = ask("cart", headers=visitor_header(visitor), explain="true")["results"][0]["explain"]
    (because,) = why["because_of"]
    assert {deed["type"] for deed in because["interactions"]} == {"add_to_cart", "view"}


def test_without_asking_there_is_no_explanation(shop, run, ask):
    assert "explain" not in ask()["results"][0]
