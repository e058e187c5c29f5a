"""The tour that the demo prints: curl lines that work as they stand."""

import json
import shlex
from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class Stop:
    """A line of the tour, and what it shows."""

    title: str
    command: str


@dataclass(frozen=True)
class Guide:
    """What the lines are made of; empty texts where the shop has no such thing."""

    url: str
    publishable: str
    secret: str
    visitor_token: str
    event_id: str
    occurred_at: str
    product_id: str
    category: str
    price_max: str
    customer_id: str
    queries: tuple[str, ...]


def plan_tour(guide: Guide) -> list[Stop]:
    """The stops, in the order of a shopper's visit."""
    query, *others = guide.queries
    visitor = {"X-Visitor-Token": guide.visitor_token}
    front = {"Authorization": f"Bearer {guide.publishable}"}
    back = {"Authorization": f"Bearer {guide.secret}"}
    seen = {
        "event_id": guide.event_id,
        "type": "view",
        "product_id": guide.product_id,
        "occurred_at": guide.occurred_at,
    }
    stops = [
        Stop("is all well?", _get(guide, "/readyz")),
        *_catalogue(guide),
        *(Stop("search", _search(guide, text)) for text in (query, *others)),
        Stop("search, filtered, and why each result is there",
             _get(guide, "/v1/search", q=query, in_stock="true", limit="3", explain="true")),
        Stop("a token for an anonymous device",
             _post(guide, "/v1/visitors", None, front)),
        Stop("this device views a product ...",
             _post(guide, "/v1/events", {"events": [seen]}, front | visitor)),
        Stop("... and sees what goes with it",
             _get(guide, "/v1/recommendations/home", visitor, limit="5")),
        Stop("a whole page at once, no product twice",
             _get(guide, "/v1/recommendations", visitor, placements="home,trending,bought-together",
                  product_id=guide.product_id, limit="4")),
        Stop("beside a product",
             _get(guide, "/v1/recommendations/product", product_id=guide.product_id, limit="5")),
    ]  # fmt: skip
    stops += _prices(guide, back)
    if guide.customer_id:
        known = {"visitor_token": guide.visitor_token, "customer_id": guide.customer_id}
        stops += [
            Stop("for a customer, and why (secret key)",
                 _get(guide, "/v1/recommendations/home", back,
                      customer_id=guide.customer_id, limit="5")),
            Stop("this device turns out to be that customer",
                 _post(guide, "/v1/identify", known, back)),
        ]  # fmt: skip
        stops += _privacy(guide, front | visitor, back)
    return [*stops, Stop("the whole API, as OpenAPI", _get(guide, "/v1/openapi.yaml"))]


def _prices(guide: Guide, back: dict[str, str]) -> list[Stop]:
    product = quote(guide.product_id, safe="")
    return [
        Stop("what it costs, and the prior price that a discount is claimed from",
             _get(guide, "/v1/prices", product_ids=guide.product_id)),
        Stop("what it has cost, and why (secret key)",
             _get(guide, f"/v1/products/{product}/price-history", back, limit="4")),
        Stop("who moves prices, and within which guardrails (secret key)",
             _get(guide, "/v1/pricing/rules", back)),
    ]  # fmt: skip


def _privacy(guide: Guide, device: dict[str, str], back: dict[str, str]) -> list[Stop]:
    """What a shopper may ask of a shop, each line such that it can be run again."""
    whole = f"/v1/customers/{quote(guide.customer_id, safe='')}/export"
    return [
        Stop("this device wants nothing personal: its profile goes at once ...",
             _put(guide, "/v1/consent", {"personalisation": False}, device)),
        Stop("... and answers come all the same",
             _get(guide, "/v1/recommendations/home", device, limit="5")),
        Stop("it changes its mind", _put(guide, "/v1/consent", {"personalisation": True}, device)),
        Stop("everything that is kept of that customer (secret key)", _get(guide, whole, back)),
        Stop("somebody is erased, here one whom nobody knew: a receipt with counts (secret key)",
             _post(guide, "/v1/customers/nobody-knew-me/erasure", None, back)),
    ]  # fmt: skip


def _catalogue(guide: Guide) -> list[Stop]:
    stops = [
        Stop("a product", _get(guide, f"/v1/products/{quote(guide.product_id, safe='')}")),
        Stop("categories", _get(guide, "/v1/categories")),
    ]
    if guide.category:
        filters = {"category": guide.category, "price_max": guide.price_max, "in_stock": "true"}
        line = _get(guide, "/v1/products", **filters, ordering="price", limit="5")
        stops.insert(0, Stop("products, filtered and ordered", line))
    return stops


def _search(guide: Guide, text: str) -> str:
    return _get(guide, "/v1/search", q=text, limit="5")


def _get(
    guide: Guide, path: str, headers: dict[str, str] | None = None, /, **parameters: str
) -> str:
    query = f"?{urlencode(parameters, safe='/')}" if parameters else ""
    return shlex.join(["curl", "-s", *_flags(headers or {}), f"{guide.url}{path}{query}"])


def _post(guide: Guide, path: str, body: object, headers: dict[str, str]) -> str:
    payload = ["-X", "POST"]
    if body is not None:
        headers = {"Content-Type": "application/json"} | headers
        payload = ["-d", json.dumps(body)]
    return shlex.join(["curl", "-s", *payload, *_flags(headers), f"{guide.url}{path}"])


def _put(guide: Guide, path: str, body: object, headers: dict[str, str]) -> str:
    return f"{_post(guide, path, body, headers)} -X PUT"


def _flags(headers: dict[str, str]) -> list[str]:
    return [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
