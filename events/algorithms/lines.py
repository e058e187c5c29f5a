"""Read one event as it comes from outside: an `EventLine`, or a `Flaw` that says what to do."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

ID_LENGTH = 128
QUERY_LENGTH = 1000
MAX_QUANTITY = 1_000_000
# A device's clock may be in the wrong zone; it is not in another week.
FUTURE_TOLERANCE = timedelta(days=1)
# Each month is a partition: the bound also bounds how many a stranger can have made.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Less than this between sending and receiving is the way, not the clock; more than that is neither.
LEAST_SKEW = timedelta(minutes=1)
MOST_SKEW = timedelta(days=31)

TYPES = frozenset({
    "view", "add_to_cart", "remove_from_cart", "purchase", "return",
    "search", "impression", "click", "not_interested",
})  # fmt: skip
TYPES_WITHOUT_PRODUCT = frozenset({"search"})
TRUSTED_TYPES = frozenset({"purchase", "return"})
TRUSTED_FIELDS = ("customer_id", "visitor_id")
PURPOSES = frozenset({"analytics", "personalisation"})
# Of a bot: no figure counts it. Not for profiles: figures count it, nothing personal is learnt.
BOT, IMPERSONAL = "bot", "impersonal"
# Of an event that is refused for these reasons nothing is kept.
FORGOTTEN_CODES = frozenset({"consent_refused", "erased"})
REFUSALS = {
    "consent_refused": "This shopper does not allow to be recorded; nothing was kept.",
    "erased": "This shopper was erased; nothing was kept.",
}

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,4})?")
_CURRENCY = re.compile("[A-Z]{3}")
_UUID = re.compile("[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


class EventLine(NamedTuple):
    """An event that is well-formed; whether its product exists is not yet known."""

    event_id: str
    type: str
    occurred_at: datetime
    product_id: str | None = None
    sku: str | None = None
    visitor_id: UUID | None = None
    customer_id: str | None = None
    session_id: str | None = None
    order_id: str | None = None
    quantity: int | None = None
    unit_price: Decimal | None = None
    currency: str | None = None
    request_id: str | None = None
    query: str | None = None
    claimed_at: datetime | None = None  # what the sender's clock said, where it was put right
    restriction: str | None = None  # BOT or IMPERSONAL


class Sender(NamedTuple):
    """Whose events these are where they don't say, and whether they may say so.

    A trusted sender, a shop's back end or an operator's import, also sends purchases and returns.
    """

    is_trusted: bool = False
    visitor_id: UUID | None = None
    customer_id: str | None = None
    is_bot: bool = False  # as its user agent says itself


class Clock(NamedTuple):
    """By what the times of a batch are judged."""

    now: datetime
    earliest: datetime = EARLIEST
    skew: timedelta = timedelta(0)  # what the sender's clock is behind


class Flaw(Exception):  # noqa: N818 - it is told, not raised, outside this module
    """Why an event is refused: a stable code, a JSON pointer into the event, and what to do."""

    def __init__(self, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(code, detail, pointer)
        self.code = code
        self.detail = detail
        self.pointer = pointer


def measure_skew(sent_at: datetime | None, now: datetime) -> timedelta:
    """How far behind the clock is that said `sent_at` at `now`; 0 where that can't be told."""
    skew = timedelta(0) if sent_at is None else now - sent_at
    return skew if LEAST_SKEW < abs(skew) <= MOST_SKEW else timedelta(0)


def read_event(raw: Any, sender: Sender, clock: Clock) -> EventLine | Flaw:
    """The event that `raw`, decoded JSON, stands for, or the first thing that is wrong with it."""
    try:
        return _read(raw, sender, clock)
    except Flaw as flaw:
        return flaw


def readable_event_id(raw: Any) -> str | None:
    """The event id that `raw` bears, where it can be told and stored."""
    event_id = raw.get("event_id") if isinstance(raw, Mapping) else None
    if isinstance(event_id, str) and 1 <= len(event_id) <= ID_LENGTH:
        return None if _UNSTORABLE.search(event_id) else event_id
    return None


def readable_shopper(raw: Any, sender: Sender) -> tuple[UUID | None, str | None]:
    """Visitor and customer whom `raw` names, where they can be told; else those of the sender."""
    named = raw if isinstance(raw, Mapping) else {}
    visitor_id: UUID | None = _tell(_visitor_id, named.get("visitor_id"))
    customer_id: str | None = _tell(_id, named.get("customer_id"))
    if visitor_id is None and customer_id is None:
        return sender.visitor_id, sender.customer_id
    return visitor_id, customer_id


def _tell(reader: Callable[[Any], Any], value: Any) -> Any:
    """What `reader` reads, None where that is nothing."""
    try:
        return reader(value) if value else None
    except Flaw:
        return None


def _read(raw: Any, sender: Sender, clock: Clock) -> EventLine:
    if not isinstance(raw, Mapping):
        raise Flaw("not_an_object", "An event is a JSON object.")
    values: dict[str, Any] = {}
    for name, value in raw.items():
        reader = _READERS.get(name)
        if reader is None:
            raise Flaw("unknown_field", f"Unknown field. Known: {_KNOWN}.", _pointer(name))
        if value is None or value == "":
            continue
        try:
            values[name] = reader(value)
        except Flaw as flaw:
            flaw.pointer = f"/{name}"
            raise
    _require(values, "event_id", "type", "occurred_at")
    _set_time(values, clock)
    _heed_consent(values, sender)
    _name_shopper(values, sender)
    if not ("product_id" in values or "sku" in values or values["type"] in TYPES_WITHOUT_PRODUCT):
        _require(values, "product_id")
    return EventLine(**values)


def _require(values: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if name not in values:
            raise Flaw("required", f"{name} is required.", f"/{name}")


def _set_time(values: dict[str, Any], clock: Clock) -> None:
    """Put `occurred_at` right and into UTC, where it is within bounds."""
    claimed_at = values["occurred_at"]
    age = clock.now - claimed_at - clock.skew  # a time near the calendar's ends can't be moved
    if -age > FUTURE_TOLERANCE:
        raise Flaw("in_future", "This time has not come yet.", "/occurred_at")
    if age > clock.now - clock.earliest:
        detail = f"Events from before {clock.earliest:%Y-%m-%d} are not kept."
        raise Flaw("too_old", detail, "/occurred_at")
    values["occurred_at"] = claimed_at.astimezone(UTC) + clock.skew
    if clock.skew:
        values["claimed_at"] = claimed_at


def _heed_consent(values: dict[str, Any], sender: Sender) -> None:
    """Keep of the event what its own `consent` allows; what is not told was granted."""
    consent: Mapping[str, bool] = values.pop("consent", {})
    if sender.is_bot:
        values["restriction"] = BOT
    elif not consent.get("personalisation", True):
        values["restriction"] = IMPERSONAL
    if consent.get("analytics", True):
        return
    if not (sender.is_trusted and values["type"] in TRUSTED_TYPES):
        raise Flaw("consent_refused", REFUSALS["consent_refused"], "/consent")
    for name in ("session_id", "request_id"):  # what a shop sells is its own affair, not more
        values.pop(name, None)


def _name_shopper(values: dict[str, Any], sender: Sender) -> None:
    """Fill in who did it, from the event where it may say so, else from the sender's tokens."""
    if not sender.is_trusted:
        _refuse_what_needs_trust(values)
    if "customer_id" not in values and "visitor_id" not in values:
        if sender.visitor_id is None and sender.customer_id is None:
            detail = "Nobody is named: send X-Visitor-Token (see POST /v1/visitors)"
            raise Flaw(
                "shopper_required", f"{detail}, X-Customer-Token, or with a secret key an id."
            )
        values["visitor_id"], values["customer_id"] = sender.visitor_id, sender.customer_id


def _refuse_what_needs_trust(values: Mapping[str, Any]) -> None:
    need = "needs a secret key with the scope events:write."
    for name in TRUSTED_FIELDS:
        if name in values:
            raise Flaw("secret_key_required", f"{name} {need}", f"/{name}")
    if values["type"] in TRUSTED_TYPES:
        raise Flaw("secret_key_required", f"The type {values['type']} {need}", "/type")


def _text(pattern: re.Pattern[str], longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise Flaw("not_text", "Give text.")
        if len(value) > longest:
            raise Flaw("too_long", f"At most {longest} characters.")
        if pattern.search(value):
            raise Flaw("control_character", "Leave out control characters and lone surrogates.")
        return value

    return read


def _type(value: Any) -> str:
    if not isinstance(value, str) or value not in TYPES:
        raise Flaw("unknown_type", f"Give one of: {', '.join(sorted(TYPES))}.")
    return value


def _time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value if len(value) <= 40 else "")
    except (TypeError, ValueError):
        example = "such as 2026-01-31T12:00:00Z"
        raise Flaw("invalid_time", f"Give an RFC 3339 time {example}.") from None
    if moment.tzinfo is None:
        raise Flaw("time_without_zone", "Name the zone: end the time with Z or an offset.")
    return moment


def _quantity(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_QUANTITY:
        raise Flaw("invalid_quantity", f"Give a whole number from 1 to {MAX_QUANTITY}.")
    return value


def _price(value: Any) -> Decimal:
    """The amount; a JSON number counts as its shortest decimal form."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    text = repr(value) if number else value
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise Flaw("invalid_price", 'Give an amount such as "19.99", with at most 4 decimals.')
    return Decimal(text)


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise Flaw("invalid_currency", "Give an ISO 4217 code such as EUR.")
    return value


def _consent(value: Any) -> Mapping[str, bool]:
    if (
        not isinstance(value, Mapping)
        or not PURPOSES.issuperset(value)
        or not all(isinstance(said, bool) for said in value.values())
    ):
        example = '{"analytics": true, "personalisation": false}'
        raise Flaw("invalid_consent", f"Give true or false by purpose: {example}.")
    return value


def _visitor_id(value: Any) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise Flaw(
            "invalid_visitor_id", "Give a visitor id as POST /v1/visitors issued it: a UUID."
        )
    return UUID(value)


def _pointer(name: Any) -> str:
    """A JSON pointer (RFC 6901) to the field `name`, cut and cleaned so that it can be stored."""
    token = str(name)[:80].replace("~", "~0").replace("/", "~1")
    return "/" + _CONTROL.sub("\N{REPLACEMENT CHARACTER}", token)


_id = _text(_CONTROL, ID_LENGTH)
_READERS: dict[Any, Callable[[Any], Any]] = {
    "event_id": _id,
    "type": _type,
    "occurred_at": _time,
    "product_id": _id,
    "sku": _id,
    "visitor_id": _visitor_id,
    "customer_id": _id,
    "session_id": _id,
    "order_id": _id,
    "quantity": _quantity,
    "unit_price": _price,
    "currency": _currency,
    "request_id": _id,
    "query": _text(_UNSTORABLE, QUERY_LENGTH),
    "consent": _consent,
}
_KNOWN = ", ".join(_READERS)
