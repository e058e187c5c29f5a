"""Shoppers, keys and events for tests."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from django.utils import timezone

from customers.authentication import sign_visitor_token
from customers.models import Customer, IdentityLink, Visitor
from customers.services import link_visitor
from events.algorithms.lines import Sender
from events.services import record_events
from partners.services import create_api_key

_numbers = count(1)


def make_customer(public_id: str | None = None) -> Customer:
    """A customer, new unless there is one with that id."""
    return Customer.objects.get_or_create(public_id=public_id or f"customer-{next(_numbers)}")[0]


def make_visitor(customer: Customer | None = None) -> Visitor:
    """A new visitor, linked to `customer` where one is given."""
    visitor = Visitor.objects.create()
    if customer is not None:
        link_visitor(visitor.pk, customer.public_id)
    return visitor


def make_link(visitor: Visitor, customer: Customer) -> IdentityLink:
    """The link in force from `visitor` to `customer`."""
    return link_visitor(visitor.pk, customer.public_id)[0]


def bearer(kind: str = "publishable", scopes: list[str] | None = None) -> dict[str, str]:
    """The header of a new key."""
    key = create_api_key("test", kind, scopes)  # type: ignore[arg-type]
    return {"Authorization": f"Bearer {key}"}


def visitor_header(visitor: Visitor | UUID) -> dict[str, str]:
    """X-Visitor-Token of `visitor`."""
    visitor_id = visitor if isinstance(visitor, UUID) else visitor.pk
    return {"X-Visitor-Token": sign_visitor_token(visitor_id)}


def customer_token(customer_id: str, **claims: Any) -> str:
    """A token as the merchant signs it, good for a minute unless `claims` say otherwise."""
    expires = timezone.now() + timedelta(minutes=1)
    claims = {"sub": customer_id, "exp": expires} | claims
    return jwt.encode(claims, settings.CUSTOMER_TOKEN_SECRET, "HS256")


def customer_header(customer_id: str) -> dict[str, str]:
    """X-Customer-Token of the customer with the merchant's `customer_id`."""
    return {"X-Customer-Token": customer_token(customer_id)}


def event(**fields: Any) -> dict[str, Any]:
    """An event as a client sends it: a search, now, unless `fields` say otherwise."""
    return {
        "event_id": f"event-{next(_numbers)}",
        "type": "view" if {"product_id", "sku"} & set(fields) else "search",
        "occurred_at": timezone.now().isoformat(),
    } | fields


def record(*events: dict[str, Any], **everyone: Any) -> None:
    """Store `events`, each with the fields of `everyone`; all must be accepted."""
    outcomes = record_events([event(**everyone | one) for one in events], Sender(is_trusted=True))
    assert {outcome.result for outcome in outcomes} == {"stored"}, outcomes


def record_event(
    type: str = "view",  # noqa: A002 - as on the wire
    *,
    product: Any = None,
    customer: Customer | None = None,
    visitor: Visitor | None = None,
    days_ago: float = 0,
    **fields: Any,
) -> None:
    """Store one event of `customer`, or of `visitor`, with `product`, so many days ago."""
    moment = timezone.now() - timedelta(days=days_ago)
    named = {"type": type, "occurred_at": moment.isoformat()}
    if product is not None:
        named["product_id"] = product.public_id
    if customer is not None:
        named["customer_id"] = customer.public_id
    if visitor is not None:
        named["visitor_id"] = str(visitor.pk)
    record(named | fields)
