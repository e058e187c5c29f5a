"""Ranges of prices as a shop shows them: bounds that people know, none of them empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

# 0, 10, 25, 50, 100, 250 … up to the most that a price can be.
BOUNDS: tuple[Decimal, ...] = (
    Decimal(0),
    *(Decimal(base).scaleb(power) for power in range(10) for base in ("10", "25", "50")),
)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Prices from `least` to `most`, both included, and how many products have one in it."""

    least: Decimal
    most: Decimal | None
    count: int


def price_ranges(counts: Mapping[int, int]) -> list[PriceRange]:
    """The ranges in order, from how many products have a price in each.

    A key n stands for prices from BOUNDS[n - 1] to a cent below BOUNDS[n], as PostgreSQL's
    width_bucket numbers them.
    """
    return [
        PriceRange(BOUNDS[place - 1], _end(place), count)
        for place, count in sorted(counts.items())
        if count
    ]


def _end(place: int) -> Decimal | None:
    return BOUNDS[place] - _CENT if place < len(BOUNDS) else None
