"""The rules by which the sample shop's prices move, made once."""

from decimal import Decimal

from django.conf import settings

from catalogue.models import Category
from pricing.models import PricingRule
from pricing.services.ruling import save_rule

ACTOR = "demo"
BOUNDS = {
    "max_change_interval": Decimal("0.05"),
    "max_change_day": Decimal("0.10"),
    "min_list_ratio": Decimal("0.7"),
    "max_list_ratio": Decimal("1.25"),
    "margin_floor": Decimal("0.1"),
    "hysteresis": Decimal("0.01"),
    "ending": "9",
    "cool_down_minutes": 60,
}
# Larger steps wait for a person, so that the queue has something to show.
MODEL = {
    "name": "best margin",
    "decider": "model",
    "scope": "all",
    "objective": "margin",
    "approval": "threshold",
    "approval_threshold": Decimal("0.045"),
    "note": "Every product with a cost, by the demand model.",
}
STEPS = [
    {
        "when": [{"signal": "days_of_cover", "op": "<", "value": 10}],
        "change": "0.03",
        "reason": "sells out soon",
    },
    {
        "when": [
            {"signal": "days_of_cover", "op": ">", "value": 200},
            {"signal": "price_to_list", "op": ">", "value": 0.9},
        ],
        "change": "-0.03",
        "reason": "lies too long",
    },
]


def ensure_rules() -> None:
    """A rule with the demand model for all, and one with steps for the first department."""
    if PricingRule.objects.exists():
        return
    save_rule(PricingRule(**MODEL, **BOUNDS, currency=settings.STORE_CURRENCY), ACTOR)
    department = Category.objects.filter(parent=None).order_by("name").first()
    if department is not None:
        save_rule(
            PricingRule(
                name=f"stock of {department.name}", decider="rules", scope="category",
                category=department, steps=STEPS, approval="automatic", priority=10,
                currency=settings.STORE_CURRENCY, **BOUNDS,
            ),
            ACTOR,
        )  # fmt: skip
