"""Read one value of a product line: cleaned, or a `FieldError` that says what to give instead."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

MAX_ID = 128
MAX_TITLE = 500
MAX_DESCRIPTION = 20_000
MAX_NAME = 200
MAX_URL = 2000
MAX_LEVELS = 10
MAX_PATH_BYTES = 2000
MAX_ATTRIBUTES = 100
MAX_ATTRIBUTE_TEXT = 1000
MAX_STOCK = 2**31 - 1
MAX_POPULARITY = 10**15
MAX_AMOUNT = Decimal("9999999999.9999")
SAFE_INTEGER = 2**53

# C0, DEL and C1: they print nothing, and NUL can't be stored.
CONTROL_TO_SPACE = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
_ID = re.compile(r"(?!\.\.?$)[^/\x00-\x1f\x7f-\x9f]{1,128}")
_SKU = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,128}")
_URL = re.compile(r"https?://[^\s\x00-\x20\x7f-\x9f]+")
_AMOUNT = re.compile(r"0{0,20}[0-9]{1,10}(\.[0-9]{1,4}0{0,26})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_TIME = re.compile(
    r"(19|20|21)\d\d-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class FieldError(Exception):
    """What is wrong with a value: where below it (JSON pointer), and what to do."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer = pointer
        self.reason = reason


def require_object(value: Any, known: Collection[str]) -> Mapping[str, Any]:
    """`value` where it is a JSON object with none but `known` members."""
    if not isinstance(value, dict):
        raise FieldError("", "give a JSON object.")
    for name in value:
        if name not in known:
            shown = name[:50].encode(errors="replace").decode()
            pointer = shown.replace("~", "~0").replace("/", "~1")
            raise FieldError(f"/{pointer}", f"unknown field. Known: {', '.join(known)}.")
    return value


def read_product_id(value: Any) -> str:
    """1 to 128 characters that can stand in a URL's path."""
    text = _text(value, MAX_ID)
    if not _ID.fullmatch(text):
        raise FieldError("", "give 1 to 128 characters, none of them '/' or a control character.")
    return text


def read_sku(value: Any) -> str:
    """1 to 128 characters."""
    text = _text(value, MAX_ID)
    if not _SKU.fullmatch(text):
        raise FieldError("", "give 1 to 128 characters, none of them a control character.")
    return text


def read_title(value: Any) -> str:
    """A text that shows something."""
    title = _clean(value, MAX_TITLE)
    if not title.strip():
        raise FieldError("", "a product needs a title.")
    return title


def read_description(value: Any) -> str:
    """A text, perhaps empty."""
    return "" if value is None else _clean(value, MAX_DESCRIPTION)


def read_brand(value: Any) -> str | None:
    """A name, or None for null and the empty text."""
    return None if value is None else _clean(value, MAX_NAME).strip() or None


def read_category_path(value: Any) -> tuple[str, ...] | None:
    """Names from the root, or None for null and the empty list."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MAX_LEVELS:
        raise FieldError("", f"give a list of at most {MAX_LEVELS} names, from the root.")
    path = []
    for index, item in enumerate(value):
        try:
            path.append(_category_name(item))
        except FieldError as error:
            raise FieldError(f"/{index}", error.reason) from None
    if sum(len(name.encode()) for name in path) > MAX_PATH_BYTES:
        raise FieldError("", f"the names are longer than {MAX_PATH_BYTES} bytes together.")
    return tuple(path) or None


def read_image_url(value: Any) -> str | None:
    """An address that a page may load, or None for null and the empty text."""
    if value is None or value == "":
        return None
    text = _text(value, MAX_URL)
    if not _URL.fullmatch(text):
        raise FieldError("", "give an address that begins with https:// or http://.")
    return text


def read_popularity(value: Any) -> float:
    """Any number; null is 0."""
    number = Decimal(0) if value is None else _number(value)
    if not -MAX_POPULARITY <= number <= MAX_POPULARITY:
        raise FieldError("", "give a number up to 10^15.")
    return float(number)


def read_published(value: Any) -> bool:
    """A boolean; null is true."""
    if value is None:
        return True
    if not isinstance(value, bool):
        raise FieldError("", "give true or false.")
    return value


def read_time(value: Any) -> datetime | None:
    """An RFC 3339 time from 1900 to 2199, in UTC; null stays None."""
    if value is None:
        return None
    text = _text(value, 40)
    time = _parse_time(text) if _TIME.fullmatch(text) else None
    if time is None:
        raise FieldError("", "give a time such as 2025-01-31T12:00:00Z.")
    return time


def read_attributes(value: Any) -> dict[str, Any]:
    """Names with texts, numbers, booleans or lists of these; those that are null are left out."""
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MAX_ATTRIBUTES:
        raise FieldError("", f"give an object of at most {MAX_ATTRIBUTES} attributes.")
    attributes = {}
    for name, item in value.items():
        cleaned = _clean(name, MAX_NAME).strip()
        if not cleaned:
            raise FieldError("", "an attribute needs a name.")
        if item is not None:
            attributes[cleaned] = _attribute(cleaned, item)
    return attributes


def read_amount(value: Any) -> Decimal:
    """A decimal text or a JSON number, exactly: from 0, up to 10 digits and 4 decimals."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and _AMOUNT.fullmatch(value)):
        raise FieldError("", 'give a decimal text such as "19.99".')
    number = Decimal(value)
    if not 0 <= number <= MAX_AMOUNT or number != (rounded := round(number, 4)):
        raise FieldError("", "give an amount from 0 with up to 10 digits and 4 decimals.")
    return abs(rounded)


def read_cost(value: Any) -> Decimal | None:
    """An amount, or None for null: unknown."""
    return None if value is None else read_amount(value)


def read_currency(value: Any) -> str:
    """Three capital letters."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise FieldError("", "give an ISO 4217 code such as USD.")
    return value


def read_stock(value: Any) -> int | None:
    """A whole number from 0, or None for null: not tracked."""
    if value is None:
        return None
    number = _number(value)
    if not 0 <= number <= MAX_STOCK or number != int(number):
        raise FieldError("", "give a whole number from 0, or null where stock is not tracked.")
    return int(number)


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise FieldError("", "give a text.")
    if len(value) > longest:
        raise FieldError("", f"{len(value)} characters; the longest allowed is {longest}.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise FieldError("", "half of a surrogate pair is no character.") from None
    return value


def _clean(value: Any, longest: int) -> str:
    return _text(value, longest).translate(CONTROL_TO_SPACE)


def _parse_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError:
        return None


def _category_name(value: Any) -> str:
    name = _clean(value, MAX_NAME).strip()
    if not name:
        raise FieldError("", "a category needs a name.")
    return name


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise FieldError("", "give a number.")
    return Decimal(value)


def _attribute(name: str, value: Any) -> Any:
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ATTRIBUTES:
        raise FieldError(pointer, f"give at most {MAX_ATTRIBUTES} values.")
    try:
        read = [_scalar(item) for item in items]
    except FieldError as error:
        raise FieldError(pointer, error.reason) from None
    return read if isinstance(value, list) else read[0]


def _scalar(value: Any) -> str | bool | int | float:
    if isinstance(value, str):
        return _clean(value, MAX_ATTRIBUTE_TEXT)
    if isinstance(value, bool):
        return value
    if not isinstance(value, int | float | Decimal):
        raise FieldError("", "give a text, a number, true or false, or a list of these.")
    # Beyond this a number changes on its way through JavaScript.
    if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        raise FieldError("", "give a number up to 2^53, or a text.")
    return value if isinstance(value, int) else float(value)
