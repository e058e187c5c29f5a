"""Quotes: prices that are signed, and can be redeemed for a while.

A quote names no shopper. It holds although prices move meanwhile; a kill switch ends it, because
then prices were wrong.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils import timezone

from pricing.exceptions import QuoteError
from pricing.selectors.prices import PriceCard, load_prices_of_skus

SALT = "pricing.quote"
MOST_LINES = 100
MAX_TOKEN = 200_000  # 100 of the longest skus in any script, packed or not


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A variant, how many, and the price of one."""

    sku: str
    quantity: int
    amount: Decimal
    currency: str
    price_version: int


@dataclass(frozen=True, slots=True)
class Quote:
    """Prices that hold until `expires_at`; `token` is what is redeemed."""

    token: str
    expires_at: datetime
    lines: tuple[QuoteLine, ...]


def quote_prices(quantities: Mapping[str, int]) -> Quote:
    """Sign the prices in force of the skus; KeyError names one that is not sold."""
    prices = load_prices_of_skus(list(quantities))
    lines = tuple(_line(prices[sku], quantity) for sku, quantity in quantities.items())
    expires_at = timezone.now().replace(microsecond=0) + timedelta(seconds=settings.QUOTE_SECONDS)
    body = {
        "exp": int(expires_at.timestamp()),
        "lines": [
            [line.sku, line.quantity, str(line.amount), line.currency, line.price_version]
            for line in lines
        ],
    }
    return Quote(signing.dumps(body, salt=SALT, compress=True), expires_at, lines)


def redeem_quote(token: str) -> Quote:
    """What `token` promises; QuoteError where it is forged, expired or was withdrawn."""
    try:
        body = signing.loads(token, salt=SALT, fallback_keys=settings.SECRET_KEY_FALLBACKS)
    except (signing.BadSignature, ValueError):
        raise QuoteError("forged_quote", "This quote was not issued here.") from None
    lines = tuple(
        QuoteLine(sku, quantity, Decimal(amount), currency, version)
        for sku, quantity, amount, currency, version in body["lines"]
    )
    expires_at = datetime.fromtimestamp(body["exp"], UTC)
    if expires_at <= timezone.now():
        raise QuoteError("expired_quote", "This quote has expired.")
    if _is_withdrawn(lines):
        raise QuoteError("withdrawn_quote", "Its prices were withdrawn.")
    return Quote(token, expires_at, lines)


def skus_of(token: str) -> list[str]:
    """The skus that a token speaks of, whoever signed it: enough to say what they cost now."""
    try:
        payload = token.rpartition(":")[0].rpartition(":")[0]
        body = _unsigned(payload)
        return [str(line[0]) for line in body["lines"]][:MOST_LINES]
    except Exception:  # noqa: BLE001 - anything at all may come in; then there is nothing to say
        return []


def prices_in_force(skus: Sequence[str]) -> list[PriceCard]:
    """What those of `skus` that are sold cost now, in their order."""
    prices = load_prices_of_skus([sku for sku in skus if "\x00" not in sku])
    return [prices[sku] for sku in dict.fromkeys(skus) if sku in prices]


def _unsigned(payload: str) -> Any:
    """The body of a token without its signature; an unsigned one of ours would read the same."""
    is_compressed = payload.startswith(".")
    raw = signing.b64_decode(payload.lstrip(".").encode())
    if is_compressed:
        raw = _unpack(raw)
    return signing.JSONSerializer().loads(raw)


def _unpack(raw: bytes) -> bytes:

    return zlib.decompressobj().decompress(raw, MAX_TOKEN)


def _line(card: PriceCard, quantity: int) -> QuoteLine:
    return QuoteLine(card.sku, quantity, card.amount, card.currency, card.price_version)


def _is_withdrawn(lines: Sequence[QuoteLine]) -> bool:
    prices = load_prices_of_skus([line.sku for line in lines])
    return any(
        (card := prices.get(line.sku)) is not None and card.is_killed and card.amount != line.amount
        for line in lines
    )
