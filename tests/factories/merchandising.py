"""Rules, synonyms and shoppers' successes for tests."""

from typing import Any

from django.test import Client

from search.models import BlockedSuggestion, MerchandisingRule, RuleAction, Synonym
from search.selectors.state import forget_live_index
from tests.factories.events import make_visitor, record_event, visitor_header


def action(kind: str, product: Any = None, **fields: Any) -> dict[str, Any]:
    """The fields of an action; moves go by 10 places unless `fields` say otherwise."""
    if kind in {"boost", "bury"}:
        fields.setdefault("places", 10)
    return {"kind": kind, "product": product} | fields


def make_rule(*actions: dict[str, Any], **fields: Any) -> MerchandisingRule:
    """A rule with `actions`, in force at once: everywhere unless `fields` say otherwise."""
    rule = MerchandisingRule.objects.create(**{"name": "rule"} | fields)
    RuleAction.objects.bulk_create(RuleAction(rule=rule, **one) for one in actions)
    forget_live_index()
    return rule


def make_synonym(*terms: str, phrase: str = "") -> Synonym:
    """A two-way synonym of `terms`, or what `phrase` also finds."""
    direction = "one_way" if phrase else "two_way"
    synonym = Synonym.objects.create(direction=direction, phrase=phrase, terms=list(terms))
    forget_live_index()
    return synonym


def block(text: str) -> None:
    """Never suggest `text`."""
    BlockedSuggestion.objects.create(text=text)
    forget_live_index()


def search_and(kind: str | None, query: str, visitor: Any = None, **parameters: Any) -> Any:
    """Let a visitor, a new one unless given, search and then click, cart or buy the first hit."""
    visitor = visitor or make_visitor()
    response = Client().get(
        "/v1/search", {"q": query} | parameters, headers=visitor_header(visitor)
    )
    body = response.json()
    if kind:
        first = body["results"][0]["product"]["id"]
        record_event(kind, visitor=visitor, product_id=first, request_id=body["request_id"])
    return body
