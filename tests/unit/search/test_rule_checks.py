"""What an action of a rule needs and may have."""

import pytest

from search.algorithms.rule_checks import check_action


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("pin", {"product": 1, "position": 1}),
        ("hide", {"product": 1}),
        ("hide", {"category": 1, "in_stock": False}),
        ("boost", {"brand": 1, "places": 5}),
        ("bury", {"attribute": "colour:red", "places": 5, "text": ""}),
        ("filter", {"price_min": 1, "price_max": 1}),
        ("redirect", {"url": "/sale"}),
        ("redirect", {"url": "https://shop.example/sale?x=1"}),
        ("banner", {"text": "Sale"}),
        ("banner", {"image_url": "https://shop.example/a.png", "url": "/sale"}),
    ],
)
def test_whole_actions(kind, fields):
    assert check_action(kind, fields) == {}


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("pin", {"product": 1}, "position"),
        ("pin", {"position": 1}, "product"),
        ("pin", {"product": 1, "position": 1, "brand": 1}, "brand"),
        ("hide", {}, "product"),
        ("hide", {"product": 1, "brand": 1}, "product"),
        ("boost", {"product": 1}, "places"),
        ("filter", {}, "category"),
        ("filter", {"product": 1}, "product"),
        ("filter", {"price_min": 2, "price_max": 1}, "price_max"),
        ("bury", {"attribute": "red", "places": 1}, "attribute"),
        ("redirect", {}, "url"),
        ("redirect", {"url": "javascript:alert(1)"}, "url"),
        ("redirect", {"url": "//evil.example"}, "url"),
        ("banner", {"url": "/sale"}, "text"),
        ("explode", {}, "kind"),
    ],
)
def test_what_is_wrong_is_named(kind, fields, wrong):
    assert wrong in check_action(kind, fields)
