"""Money on the wire: `{"amount": "19.99", "currency": "EUR"}`, never a float."""

from decimal import Decimal
from typing import TypedDict

from rest_framework import serializers

# Minor-unit exponents that differ from 2 (ISO 4217, table A.1).
EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
         "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    "CLF": 4, "UYW": 4,
}  # fmt: skip


class Money(TypedDict):
    """An amount as a decimal string and its ISO 4217 currency."""

    amount: str
    currency: str


def render_money(amount: Decimal, currency: str) -> Money:
    """The wire form of `amount`, with at least the currency's minor units."""
    exponent = -EXPONENTS.get(currency, 2)
    shown = amount.normalize()
    digits = shown.as_tuple().exponent
    if not isinstance(digits, int) or digits > exponent:
        shown = amount.quantize(Decimal(1).scaleb(exponent))
    return {"amount": f"{shown:f}", "currency": currency}


class MoneySerializer(serializers.Serializer[Money]):
    """An amount of money: a decimal string, never a float, and an ISO 4217 currency."""

    amount = serializers.RegexField(r"^\d+(\.\d+)?$", help_text="Decimal string, such as 19.99.")
    currency = serializers.RegexField(r"^[A-Z]{3}$", help_text="ISO 4217 code.")
