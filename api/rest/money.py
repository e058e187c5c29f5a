"""Money on the wire: `{"amount": "19.99", "currency": "EUR"}`, never a float."""

from decimal import Decimal
from typing import TypedDict

from rest_framework import serializers

from api.rest.currencies import exponent_of


class Money(TypedDict):
    """An amount as a decimal string and its ISO 4217 currency."""

    amount: str
    currency: str


def render_money(amount: Decimal, currency: str) -> Money:
    """The wire form of `amount`, with at least the currency's minor units."""
    exponent = -exponent_of(currency)
    shown = amount.normalize()
    digits = shown.as_tuple().exponent
    if not isinstance(digits, int) or digits > exponent:
        shown = amount.quantize(Decimal(1).scaleb(exponent))
    return {"amount": f"{shown:f}", "currency": currency}


class MoneySerializer(serializers.Serializer[Money]):
    """An amount of money: a decimal string, never a float, and an ISO 4217 currency."""

    amount = serializers.RegexField(r"^\d+(\.\d+)?$", help_text="Decimal string, such as 19.99.")
    currency = serializers.RegexField(r"^[A-Z]{3}$", help_text="ISO 4217 code.")
