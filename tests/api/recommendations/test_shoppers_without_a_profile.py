"""Bots, and shoppers who refuse a profile or were not asked, are shown what everybody is."""

import pytest

from recommendations.algorithms.placements import STANDARD, Anchor
from tests.factories.events import make_visitor, record_event, visitor_header

# What a shopper does that placements would answer to.
DEEDS = ("view", "add_to_cart", "purchase", "not_interested")


def about(placement, shop):
    match placement.anchor:
        case Anchor.PRODUCT:
            return {"product_id": shop.kitchen[0].public_id}
        case Anchor.CATEGORY:
            return {"category": "kitchen"}
    return {}


def shown(body):
    return body["source"], [one["product"]["id"] for one in body["results"]]


@pytest.fixture
def visitor(shop, run):
    """Who views, carts, buys and dislikes a product each, of both tastes."""
    visitor = make_visitor()
    for number, kind in enumerate(DEEDS):
        for product in (shop.garden[number], shop.kitchen[number]):
            record_event(kind, product=product, visitor=visitor, days_ago=0.1)
    return visitor


@pytest.mark.parametrize("placement", STANDARD, ids=lambda placement: placement.name)
def test_a_bot_is_shown_what_everybody_is(placement, shop, visitor, ask):
    """Their deeds are kept, and make no profile."""
    named = about(placement, shop)
    visitor.is_bot = True
    visitor.save()
    mine = shown(ask(placement.name, headers=visitor_header(visitor), **named))
    assert mine == shown(ask(placement.name, **named))


@pytest.mark.parametrize("placement", STANDARD, ids=lambda placement: placement.name)
def test_who_refuses_is_shown_what_everybody_is(placement, shop, visitor, ask):
    named = about(placement, shop)
    visitor.personalisation = False
    visitor.save()
    mine = shown(ask(placement.name, headers=visitor_header(visitor), **named))
    assert mine == shown(ask(placement.name, **named))


@pytest.mark.parametrize("placement", STANDARD, ids=lambda placement: placement.name)
def test_where_consent_is_required_who_was_not_asked_is_shown_what_everybody_is(
    placement, shop, visitor, ask, settings
):
    """The setting is followed by statements that were compiled before it."""
    named = about(placement, shop)
    headers = visitor_header(visitor)
    before = shown(ask(placement.name, headers=headers, **named))
    settings.CONSENT_REQUIRED = True
    assert shown(ask(placement.name, headers=headers, **named)) == shown(
        ask(placement.name, **named)
    )
    visitor.personalisation = True
    visitor.save()
    assert shown(ask(placement.name, headers=headers, **named)) == before
