"""Over every operation that there is: no token or publishable key reads or writes as another."""

from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from django.test import Client

from customers.models import Customer, CustomerMerge, Erasure, IdentityLink, Tombstone, Visitor
from customers.services import Consent, link_visitor, set_customer_consent
from events.models import Event, RejectedEvent
from tests.factories.catalogue import make_product
from tests.factories.events import (
    bearer,
    customer_token,
    event,
    make_visitor,
    record_event,
    visitor_header,
)

pytestmark = pytest.mark.django_db
SCHEMA = yaml.safe_load((Path(__file__).resolve().parents[3] / "openapi/openapi.yaml").read_text())
VICTIM = "victim-5c1d"
OPERATIONS = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, operations in SCHEMA["paths"].items()
    for method, operation in operations.items()
    if isinstance(operation, dict) and "operationId" in operation
]


@pytest.fixture
def victim():
    """A customer with a device, a history and a decision of their own."""
    visitor, product = make_visitor(), make_product(public_id="victims-thing")
    link_visitor(visitor.pk, VICTIM)
    record_event("purchase", product=product, customer=Customer.objects.get(public_id=VICTIM))
    record_event(product=product, visitor=visitor)
    set_customer_consent(VICTIM, Consent(analytics=True, personalisation=True))
    return visitor


def resolve(schema):
    return SCHEMA["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]] if (
        "$ref" in schema) else schema  # fmt: skip


def sample(name, schema, victim):  # noqa: PLR0911
    """A value for a field, the victim's where it can name one."""
    schema = resolve(schema.get("allOf", [schema])[0])
    if "customer" in name or name == "into":
        return VICTIM
    if name == "placement":
        return "home"
    if "visitor" in name and "token" not in name:
        return str(victim.pk)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {key: sample(key, one, victim) for key, one in schema["properties"].items()
                    if not one.get("readOnly")} if "properties" in schema else {}  # fmt: skip
        case "array":
            return [sample(name, schema["items"], victim)]
        case "integer" | "number":
            return 1
        case "boolean":
            return False
    return {"date-time": "2026-01-01T00:00:00Z", "uuid": str(uuid4())}.get(
        schema.get("format"), "x"
    )


def call(path, method, operation, victim, headers, *, named=True):
    """The answer to an operation whose every id is the victim's."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            value = sample(parameter["name"], parameter["schema"], victim)
            path = path.replace(f"{{{parameter['name']}}}", str(value))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    sent = {} if body is None else {
        "data": sample("", body["schema"], victim), "content_type": "application/json",
    }  # fmt: skip
    query = f"?customer_id={VICTIM}" if named else ""
    return getattr(Client(), method)(path + query, headers=headers, **sent)


def standing():
    """All that must not change."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Customer, CustomerMerge, Erasure, Event, IdentityLink, Tombstone)
    ] + [list(RejectedEvent.objects.filter(code="stored"))]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_a_publishable_key_names_no_customer(path, method, operation, victim):
    before = standing()
    answer = call(path, method, operation, victim, bearer() | visitor_header(make_visitor()))
    assert 400 <= answer.status_code < 500, answer.content
    assert standing() == before
    assert b"victims-thing" not in answer.content


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_a_strangers_token_changes_nothing_of_another(path, method, operation, victim):
    stranger, before = make_visitor(), standing()
    row = Visitor.objects.filter(pk=victim.pk).values().get()
    headers = bearer() | visitor_header(stranger)
    answer = call(path, method, operation, victim, headers, named=False)
    assert answer.status_code < 500, answer.content
    assert Visitor.objects.filter(pk=victim.pk).values().get() == row
    erased = operation["operationId"] == "erase_visitor"  # its own
    after = standing()
    kept = range(len(before)) if not erased else (0, 1, 3, 4)
    assert [after[n] for n in kept] == [before[n] for n in kept]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_tokens_that_were_not_issued_are_refused_wherever_they_are_read(
    path, method, operation, victim
):
    read = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}
    forged = {
        "X-Visitor-Token": visitor_header(victim)["X-Visitor-Token"][:-2] + "xx",
        "X-Customer-Token": customer_token(VICTIM)[:-2] + "xx",
    }
    for name in read & set(forged):
        headers = bearer() | {name: forged[name]}
        answer = call(path, method, operation, victim, headers, named=False)
        # Where a body names somebody as well, that is refused first.
        expected = {400, 401, 403} if operation.get("requestBody") else {400, 401}
        assert answer.status_code in expected, (name, answer.content)


@pytest.mark.parametrize("field", ["customer_id", "visitor_id", "purchase", "return"])
def test_a_publishable_key_sends_no_purchase_and_no_id(field, victim):
    value = VICTIM if field == "customer_id" else str(victim.pk)
    named = {field: value} if field.endswith("_id") else {"type": field}
    before = Event.objects.count()
    answer = Client().post(
        "/v1/events",
        {"events": [event(product_id="victims-thing") | named]},
        content_type="application/json",
        headers=bearer() | visitor_header(make_visitor()),
    )
    assert answer.json()["outcomes"][0]["code"] == "secret_key_required"
    assert Event.objects.count() == before


def test_a_secret_key_without_scopes_names_nobody(victim):
    headers = bearer("secret", [])
    for parameter in OPERATIONS:
        answer = call(*parameter.values, victim, headers)
        assert 400 <= answer.status_code < 500, (parameter.id, answer.content)
        assert b"victims-thing" not in answer.content
