"""The wire shape of prices that a person sets."""

from typing import Any

from rest_framework import serializers

from api.rest.serializers import StrictSerializer
from pricing.services.setting import MOST_PRICES


class WantedMoneySerializer(StrictSerializer[Any]):
    """An amount of at most 10 digits before the point and 4 after it, and its currency."""

    amount = serializers.RegexField(
        r"^[0-9]{1,10}(\.[0-9]{1,4})?$", help_text="Decimal string, such as 19.99."
    )
    currency = serializers.RegexField(r"^[A-Z]{3}$", help_text="ISO 4217 code.")


class WantedPriceSerializer(StrictSerializer[Any]):
    """A price that a variant is to have."""

    sku = serializers.CharField(max_length=128)
    price = WantedMoneySerializer()
    price_version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**63 - 1,
        help_text="Only if the price in force is still of this version.",
    )  # fmt: skip


class SetPricesRequestSerializer(StrictSerializer[Any]):
    """Prices to charge from now on, each sku once, and why."""

    prices = serializers.ListField(
        child=WantedPriceSerializer(), min_length=1, max_length=MOST_PRICES
    )
    reason = serializers.CharField(max_length=500, help_text="Kept with each price.")

    def validate_prices(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a sku that is named twice."""
        if len({price["sku"] for price in value}) < len(value):
            raise serializers.ValidationError("Name each sku once.", "duplicate")
        return value


class SetPriceOutcomeSerializer(serializers.Serializer[Any]):
    """What became of a price."""

    sku = serializers.CharField()
    outcome = serializers.ChoiceField(
        ["applied", "unchanged", "stale", "refused", "busy", "unknown"]
    )
    detail = serializers.CharField()


class SetPricesSerializer(serializers.Serializer[Any]):
    """One outcome for each price, in order."""

    outcomes = SetPriceOutcomeSerializer(many=True)
