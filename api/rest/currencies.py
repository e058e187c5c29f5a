"""Minor units of currencies (ISO 4217, table A.1): how many decimals a price has."""

from decimal import Decimal

# Exponents that differ from 2.
EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
         "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    "CLF": 4, "UYW": 4,
}  # fmt: skip


def exponent_of(currency: str) -> int:
    """How many decimals prices in `currency` have."""
    return EXPONENTS.get(currency, 2)


def unit_of(currency: str) -> Decimal:
    """The smallest amount of `currency`, such as 0.01."""
    return Decimal(1).scaleb(-exponent_of(currency))
