"""A shopper's life over HTTP, against the real server, workers and Beat."""

from datetime import UTC, datetime
from uuid import uuid4

from tests.pipeline.conftest import Storefront, wait_for


def event(kind, product=None, **more):
    moment = datetime.now(UTC).isoformat()
    named = {"product_id": product} if product else {}
    return {"event_id": str(uuid4()), "type": kind, "occurred_at": moment, **named, **more}


def send(client, *events):
    answer = client.post("/v1/events", json={"events": list(events)})
    assert answer.status_code == 200, answer.text
    assert [outcome["outcome"] for outcome in answer.json()["outcomes"]] == ["stored"] * len(events)


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [result["product"]["id"] for result in answer.json()["results"]]


def home_page(client, **parameters):
    answer = client.get("/v1/recommendations/home", params=parameters)
    return answer.json()["source"], ids(answer)


def test_from_first_visit_to_purchase(storefront: Storefront):
    with storefront.client() as anonymous:
        assert anonymous.get("/v1/products").json()["results"]
        source, _ = home_page(anonymous)
        assert source == "popular"

    with storefront.client("publishable") as browser:
        visitor = browser.post("/v1/visitors").json()
        browser.headers["X-Visitor-Token"] = visitor["token"]
        _, before = home_page(browser)

        found = browser.get("/v1/search", params={"q": "waterproof jacket"})
        products = ids(found)
        assert products
        request_id = found.json()["request_id"]
        send(
            browser,
            event("search", query="waterproof jacket", request_id=request_id),
            event("view", products[0], request_id=request_id),
            event("view", products[1], request_id=request_id),
            event("add_to_cart", products[0], request_id=request_id, quantity=1),
        )

        def changed():
            source, after = home_page(browser)
            return after if source == "personal" and after != before else None

        recommended = wait_for(changed, "recommendations change after add to cart")
        cart = browser.get("/v1/recommendations/cart")
        assert products[0] not in ids(cart)

        customer = f"customer-{uuid4()}"
        with storefront.client("secret") as back_end:
            identified = back_end.post(
                "/v1/identify",
                json={"visitor_token": visitor["token"], "customer_id": customer},
            )
            assert identified.status_code in {200, 201}, identified.text

            def theirs():
                source, products = home_page(back_end, customer_id=customer)
                return products if source == "personal" else None

            listed = wait_for(theirs, "the visitor's events count for the customer")
            assert set(listed) & set(recommended)

            bought = listed[0]
            send(
                back_end,
                event("purchase", bought, customer_id=customer, order_id="order-1", quantity=1),
            )
            wait_for(
                lambda: bought not in home_page(back_end, customer_id=customer)[1],
                "what was bought leaves the recommendations",
            )
        assert bought not in home_page(browser)[1]


def test_nobody_reads_as_another(storefront: Storefront):
    with storefront.client("publishable") as browser:
        answer = browser.get("/v1/recommendations/home", params={"customer_id": "somebody"})
        assert answer.status_code == 403
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        forged = browser.get("/v1/recommendations/home", headers={"X-Visitor-Token": "forged"})
        assert forged.status_code == 401
