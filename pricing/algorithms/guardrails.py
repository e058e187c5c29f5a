"""Guardrails: from the price that a decider wants to one that may be charged, in a fixed order.

The order: step, largest change per interval and per day, minimum and maximum, price ending, and
last the floor over cost, which nothing passes. A later one overrules an earlier one. The database
holds published prices to the same rules (`pricing_check_price`).
"""

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from api.rest.currencies import exponent_of, unit_of


@dataclass(frozen=True, slots=True)
class Guardrails:
    """The bounds of a rule version; None: not bounded.

    Changes, list ratios, margin floor and hysteresis are fractions: 0.1 is 10 %. `ending` is what
    the minor units end in, such as 99 or 9. The windows are minutes.
    """

    max_change_interval: Decimal | None = None
    max_change_day: Decimal | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    min_list_ratio: Decimal | None = None
    max_list_ratio: Decimal | None = None
    ending: str = ""
    margin_floor: Decimal = Decimal(0)
    hysteresis: Decimal = Decimal(0)
    interval_minutes: int = 30
    cool_down_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a variant stands when its price is decided.

    `interval_price` and `day_price` are those in force when the interval and the day began: or,
    where list price, the floor or a campaign came in since, the price that did. Thus small steps
    can't add up past the largest change. `minutes_since_change` is None before the first decision.
    """

    price: Decimal
    list_price: Decimal
    cost: Decimal | None
    currency: str
    interval_price: Decimal
    day_price: Decimal
    minutes_since_change: float | None = None


@dataclass(frozen=True, slots=True)
class Clamp:
    """A guardrail that changed the price, from what to what."""

    guardrail: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Guarded:
    """The price that may be charged, what led to it, and who must agree.

    `is_floor`: the floor over cost decided. `needs_person`: below list price without a known cost.
    `held` names what keeps the price as it is: cool_down, hysteresis, no_room; else "".
    """

    price: Decimal
    clamps: tuple[Clamp, ...]
    is_floor: bool = False
    needs_person: bool = False
    held: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`; None is without bound. Empty where low > high."""

    low: Decimal | None
    high: Decimal | None

    def clamp(self, value: Decimal) -> Decimal:
        """The nearest to `value` inside; where the range is empty, `high` overrules."""
        raised = value if self.low is None else max(value, self.low)
        return raised if self.high is None else min(raised, self.high)

    def holds(self, value: Decimal) -> bool:
        """Whether `value` lies inside."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def narrowed(self, other: "Range") -> "Range":
        """What of this is left when `other` overrules it."""
        low = other.low if self.low is None else other.clamp(self.low)
        high = other.high if self.high is None else other.clamp(self.high)
        return Range(low, high)

    def inward(self, unit: Decimal) -> "Range":
        """The same between whole multiples of `unit`."""
        low = None if self.low is None else round_to(self.low, unit, ROUND_CEILING)
        high = None if self.high is None else round_to(self.high, unit, ROUND_FLOOR)
        return Range(low, high)


def round_to(amount: Decimal, unit: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """`amount` as a whole multiple of `unit`, a power of ten."""
    return amount.quantize(unit, rounding)


def floor_of(cost: Decimal | None, margin_floor: Decimal, currency: str) -> Decimal | None:
    """The least price over `cost`, rounded up to the currency's unit; None without a cost."""
    if cost is None:
        return None
    return round_to(cost * (1 + margin_floor), unit_of(currency), ROUND_CEILING)


def change_range(guardrails: Guardrails, standing: Standing) -> Range:
    """Where the largest changes per interval and per day let the price go."""
    bounds = [
        (reference * (1 - change), reference * (1 + change))
        for reference, change in (
            (standing.interval_price, guardrails.max_change_interval),
            (standing.day_price, guardrails.max_change_day),
        )
        if change is not None
    ]
    if not bounds:
        return Range(None, None)
    return Range(max(low for low, _ in bounds), min(high for _, high in bounds))


def price_range(guardrails: Guardrails, list_price: Decimal) -> Range:
    """Where minimum and maximum, both absolute and against list price, let the price go."""
    lows = [guardrails.min_price, _ratio(guardrails.min_list_ratio, list_price)]
    highs = [guardrails.max_price, _ratio(guardrails.max_list_ratio, list_price)]
    low = max((bound for bound in lows if bound is not None), default=None)
    high = min((bound for bound in highs if bound is not None), default=None)
    return Range(low, high)


def _ratio(ratio: Decimal | None, list_price: Decimal) -> Decimal | None:
    return None if ratio is None else ratio * list_price


def apply_guardrails(wanted: Decimal, guardrails: Guardrails, standing: Standing) -> Guarded:
    """The price that may be charged where a decider wants `wanted`, with the trail of clamps."""
    held = _held_by(wanted, guardrails, standing)
    guarded = _hold(standing, held, wanted) if held else _bounded(wanted, guardrails, standing)
    return _over_cost(guarded, guardrails, standing)


def rests(wanted: Decimal, guardrails: Guardrails, standing: Standing) -> bool:
    """Whether the price stays as it is however long one waits: no window or cool-down holds it."""
    patient = replace(
        guardrails, max_change_interval=None, max_change_day=None, cool_down_minutes=0
    )
    return apply_guardrails(wanted, patient, standing).price == standing.price


def _held_by(wanted: Decimal, guardrails: Guardrails, standing: Standing) -> str:
    since = standing.minutes_since_change
    if since is not None and since < guardrails.cool_down_minutes:
        return "cool_down"
    if wanted != standing.price and (
        abs(wanted - standing.price) < guardrails.hysteresis * standing.price
    ):
        return "hysteresis"
    return ""


def _hold(
    standing: Standing, held: str, reached: Decimal, clamps: tuple[Clamp, ...] = ()
) -> Guarded:
    """The price as it stands, in place of what the guardrails before had `reached`."""
    trail = list(clamps)
    _note(trail, held, reached, standing.price)
    return Guarded(standing.price, tuple(trail), held=held)


def _bounded(wanted: Decimal, guardrails: Guardrails, standing: Standing) -> Guarded:
    """`wanted` after all guardrails but the floor."""
    unit = unit_of(standing.currency)
    change = change_range(guardrails, standing)
    between = price_range(guardrails, standing.list_price)
    room = change.narrowed(between).inward(unit)
    clamps: list[Clamp] = []
    price = wanted
    for name, bounds in (("largest_change", change), ("minimum_maximum", between)):
        price = _note(clamps, name, price, bounds.clamp(price))
    rounded = round_to(price, unit)
    if room.low is not None and room.high is not None and room.low > room.high:
        return _hold(standing, "no_room", price, tuple(clamps))
    price = _note(clamps, "minor_unit", price, room.clamp(rounded))
    price = _note(clamps, "price_ending", price, _with_ending(price, guardrails, room, standing))
    return Guarded(price, tuple(clamps))


def _note(clamps: list[Clamp], guardrail: str, before: Decimal, after: Decimal) -> Decimal:
    if before != after:
        clamps.append(Clamp(guardrail, before, after))
    return after


def _with_ending(
    price: Decimal, guardrails: Guardrails, room: Range, standing: Standing
) -> Decimal:
    """The nearest price in `room` with the ending; `price` itself where there is none."""
    floor = floor_of(standing.cost, guardrails.margin_floor, standing.currency)
    if not guardrails.ending or (floor is not None and price <= floor):
        return price
    candidates = [
        candidate
        for candidate in _endings(price, guardrails.ending, standing.currency)
        if candidate > 0 and room.holds(candidate) and (floor is None or candidate >= floor)
    ]
    return min(candidates, key=lambda candidate: (abs(candidate - price), candidate), default=price)


def _endings(price: Decimal, ending: str, currency: str) -> list[Decimal]:
    """The prices that end so, around `price`."""
    unit, cycle = unit_of(currency), 10 ** len(ending)
    units = int(price.scaleb(exponent_of(currency)))
    base = units - units % cycle + int(ending)
    return [(base + shift * cycle) * unit for shift in (-1, 0, 1)]


def _over_cost(guarded: Guarded, guardrails: Guardrails, standing: Standing) -> Guarded:
    """`guarded` raised to the floor; without a cost, whether a person must agree."""
    floor = floor_of(standing.cost, guardrails.margin_floor, standing.currency)
    if floor is None:
        moves_below = guarded.price < standing.list_price and guarded.price != standing.price
        return replace(guarded, needs_person=moves_below)
    if guarded.price >= floor:
        return guarded
    clamps = (*guarded.clamps, Clamp("floor", guarded.price, floor))
    return Guarded(floor, clamps, is_floor=True)
