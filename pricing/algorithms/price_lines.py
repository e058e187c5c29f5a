"""One line of a price history: a variant's price, and from when until when it was in force."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

REQUIRED = ("sku", "price", "currency", "from")
OPTIONAL = ("until", "list_price")
MOST = Decimal(10) ** 10


class PriceLineError(ValueError):
    """What is wrong with a line, and in which field."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A price that was in force; `until` None: until this shop's own record began."""

    number: int
    sku: str
    price: Decimal
    currency: str
    begin: datetime
    until: datetime | None
    list_price: Decimal | None


def parse_price_line(number: int, line: bytes) -> PriceLine:
    """The line (docs/schemas/price-line.schema.json); raises PriceLineError."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise PriceLineError("", f"this is not JSON ({error})") from None
    if not isinstance(value, dict):
        raise PriceLineError("", "give a JSON object")
    for name in value:
        if name not in (*REQUIRED, *OPTIONAL):
            raise PriceLineError(name, "there is no such field")
    for name in REQUIRED:
        if value.get(name) is None:
            raise PriceLineError(name, "this is required")
    listed = value.get("list_price")
    line_read = PriceLine(
        number=number,
        sku=_text("sku", value["sku"], 128),
        price=_money("price", value["price"]),
        currency=_text("currency", value["currency"], 3),
        begin=_moment("from", value["from"]),
        until=None if value.get("until") is None else _moment("until", value["until"]),
        list_price=None if listed is None else _money("list_price", listed),
    )
    if line_read.until is not None and line_read.until <= line_read.begin:
        raise PriceLineError("until", "it must be after from")
    return line_read


def _text(field: str, value: Any, most: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most or "\x00" in value:
        raise PriceLineError(field, f"give a text of at most {most} characters")
    return value


def _money(field: str, value: Any) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str) and len(value) <= 20 else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < MOST:
        raise PriceLineError(field, 'give an amount as a decimal text, such as "19.99"')
    if amount != round(amount, 4):
        raise PriceLineError(field, "at most four decimals")
    return amount


def _moment(field: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PriceLineError(field, "give a time with a zone, such as 2026-03-01T12:00:00Z")
    return moment
