"""Rules on the wire, both ways."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.rest.serializers import StrictSerializer
from catalogue.models import Brand, Category, Product
from pricing.algorithms.conditions import MAX_REASON, OPERATORS, SIGNALS
from pricing.models import PricingRule

OWN = (
    "decider", "scope", "priority", "currency", "steps", "objective", "may_explore",
    "interval_minutes", "max_change_interval", "max_change_day", "min_price", "max_price",
    "min_list_ratio", "max_list_ratio", "ending", "margin_floor", "cool_down_minutes",
    "hysteresis", "approval", "approval_threshold", "proposal_minutes", "campaign_price",
    "campaign_list_ratio", "active_from", "active_until", "note",
)  # fmt: skip


def _currency() -> str:
    return str(settings.STORE_CURRENCY)


class ConditionSerializer(serializers.Serializer[Any]):
    """What must hold of a signal; on one that is not known, nothing does."""

    signal = serializers.ChoiceField(SIGNALS)
    op = serializers.CharField(help_text=f"One of: {' '.join(OPERATORS)}")
    value = serializers.FloatField()


class StepSerializer(serializers.Serializer[Any]):
    """Where all conditions hold, the price moves by a fraction, or back to list price."""

    when = ConditionSerializer(many=True, required=False)
    change = serializers.CharField(required=False, help_text="Such as 0.03 or -0.05.")
    to_list = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False, max_length=MAX_REASON)


@extend_schema_field(StepSerializer(many=True))
class StepsField(serializers.JSONField):
    """Steps as they are kept; whoever keeps the rule checks them."""


class PricingRuleSerializer(
    StrictSerializer[PricingRule], serializers.ModelSerializer[PricingRule]
):
    """A rule: who decides, for which products, between which guardrails. Fractions are decimals."""

    category = serializers.SlugRelatedField(
        "slug", queryset=Category.objects.all(), required=False, allow_null=True, default=None
    )
    brand = serializers.SlugRelatedField(
        "name", queryset=Brand.objects.all(), required=False, allow_null=True, default=None
    )
    product = serializers.SlugRelatedField(
        "public_id", queryset=Product.objects.all(), required=False, allow_null=True, default=None
    )
    currency = serializers.CharField(
        max_length=3, default=_currency,
        help_text="STORE_CURRENCY by default. Variants in others are left alone.",
    )  # fmt: skip
    steps = StepsField(
        default=list,  # type: ignore[arg-type]  # a list
        help_text="The first whose conditions hold decides.",
    )

    class Meta:
        model = PricingRule
        fields = [
            "name", "version", *OWN, "category", "brand", "product", "created_at", "created_by",
        ]  # fmt: skip
        read_only_fields = ["name", "version", "created_at", "created_by"]
        validators: list[Any] = []
