"""A change of price is seen at once, and alike, wherever a running shop shows the product."""

import pytest

from tests.pipeline.conftest import Storefront, wait_for

# Seconds that the shop promises; both are true at the first look.
AT_ONCE, AFTER_A_KILL = 1.0, 5.0


def variants_of(product):
    return {variant["sku"]: variant["price"]["amount"] for variant in product["variants"]}


def shown(client, product_id):
    """The prices of the product's variants by where they are shown: four times the same."""
    prices = client.get("/v1/prices", params={"product_ids": product_id}).json()["results"]
    found = client.get("/v1/search", params={"q": product_id}).json()["results"]
    home = client.get("/v1/recommendations/home", params={"limit": 50}).json()["results"]
    return {
        "product": variants_of(client.get(f"/v1/products/{product_id}").json()),
        "prices": variants_of(prices[0]),
        "search": variants_of(found[0]["product"]),
        "home": next(
            variants_of(one["product"]) for one in home if one["product"]["id"] == product_id
        ),
    }


def pending(client):
    """Proposals that wait for a person, about products on the home page."""
    answer = client.get("/v1/recommendations/home", params={"limit": 50}).json()
    at_home = {result["product"]["id"] for result in answer["results"]}
    page = client.get("/v1/price-proposals", params={"state": "pending", "limit": 100}).json()
    found = list(page["results"])
    while page["next"]:
        page = client.get(page["next"]).json()
        found += page["results"]
    return [proposal for proposal in found if proposal["product_id"] in at_home]


@pytest.fixture
def back_end(storefront: Storefront):
    with storefront.client("secret") as client:
        yield client
        client.put("/v1/pricing/kill-switch", json={"engaged": False, "reason": "tested"})


def test_an_approved_price_is_everywhere_at_once_and_a_kill_takes_it_back(back_end):
    proposal = wait_for(lambda: pending(back_end), "something waits for a person")[0]
    product, sku = proposal["product_id"], proposal["sku"]
    before = shown(back_end, product)  # and so cached, where anything is
    answer = back_end.post(
        "/v1/price-proposals/decisions", json={"approve": [proposal["id"]], "reason": "good"}
    )
    assert [one["outcome"] for one in answer.json()["decisions"]] == ["applied"], answer.text
    wanted = before["product"] | {sku: proposal["price"]["amount"]}
    assert wanted != before["product"]
    wait_for(
        lambda: shown(back_end, product) == dict.fromkeys(before, wanted), "all agree", AT_ONCE
    )

    answer = back_end.put("/v1/pricing/kill-switch", json={"engaged": True, "reason": "a test"})
    assert answer.status_code == 200, answer.text
    listed = {
        variant["sku"]: variant["list_price"]["amount"]
        for variant in back_end.get(f"/v1/products/{product}").json()["variants"]
    }
    wait_for(
        lambda: shown(back_end, product) == dict.fromkeys(before, listed),
        "all are back at list price",
        AFTER_A_KILL,
    )
