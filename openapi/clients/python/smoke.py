"""A back end's first calls through the generated client: browse, search, act, be recommended."""

import json
import sys
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

from storefront_client import AuthenticatedClient
from storefront_client.api.events import send_events
from storefront_client.api.products import list_products, retrieve_product
from storefront_client.api.recommendations import get_recommendations
from storefront_client.api.search import search_products
from storefront_client.api.visitors import create_visitor
from storefront_client.models import (
    EventBatchRequest,
    EventRequest,
    EventType,
    Problem,
)

T = TypeVar("T")


def answered(answer: T | Problem | None) -> T:
    """The answer, unless it is a problem."""
    if answer is None or isinstance(answer, Problem):
        raise SystemExit(f"unexpected: {answer}")
    return answer


def main(url: str, key: str) -> None:
    """Print what the shop answered."""
    shop = AuthenticatedClient(base_url=url, token=key)
    product = answered(list_products.sync(client=shop, limit=2)).results[0]
    same = answered(retrieve_product.sync(product.id, client=shop))
    found = answered(search_products.sync(client=shop, q=product.title, explain=True))
    visitor = answered(create_visitor.sync(client=shop))
    view = EventRequest(
        event_id=str(uuid4()),
        type_=EventType.VIEW,
        product_id=product.id,
        occurred_at=datetime.now(UTC),
        request_id=str(found.request_id),
    )
    outcome = answered(
        send_events.sync(
            client=shop, body=EventBatchRequest(events=[view]), x_visitor_token=visitor.token
        )
    )
    recommended = answered(
        get_recommendations.sync("home", client=shop, limit=5, x_visitor_token=visitor.token)
    )
    wrong = list_products.sync(client=shop, limit=1000)
    print(  # noqa: T201
        json.dumps(
            {
                "product": product.id,
                "price": f"{same.price.amount} {same.price.currency}",
                "found": [result.product.id for result in found.results],
                "stored": outcome.stored,
                "source": recommended.source.value,
                "code": wrong.code if isinstance(wrong, Problem) else None,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
