"""Rules on the wire, both ways."""

from typing import Any

from rest_framework import serializers

from api.rest.serializers import StrictSerializer
from catalogue.models import Brand, Category, Product
from pricing.models import PricingRule

OWN = (
    "decider", "scope", "priority", "currency", "steps", "objective", "may_explore",
    "interval_minutes", "max_change_interval", "max_change_day", "min_price", "max_price",
    "min_list_ratio", "max_list_ratio", "ending", "margin_floor", "cool_down_minutes",
    "hysteresis", "approval", "approval_threshold", "proposal_minutes", "campaign_price",
    "campaign_list_ratio", "active_from", "active_until", "note",
)  # fmt: skip


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
    steps: Any = serializers.JSONField(default=list)  # type: ignore[arg-type]  # a list

    class Meta:
        model = PricingRule
        fields = [
            "name", "version", *OWN, "category", "brand", "product", "created_at", "created_by",
        ]  # fmt: skip
        read_only_fields = ["name", "version", "created_at", "created_by"]
        validators: list[Any] = []
