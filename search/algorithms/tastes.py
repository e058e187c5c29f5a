"""What a shopper's recent behaviour says of products: by category, brand and price band."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# How far a product that suits a shopper in every way moves up, and so how far any other can fall.
MAX_PLACES = 10
# Each part's say, of 1 together.
CATEGORY_SHARE, BRAND_SHARE, PRICE_SHARE = 0.5, 0.3, 0.2
# So much liking (3 views, or one put into the cart) makes half of the full effect.
HALF_TRUST = 3.0
# Beyond the band a price suits less and less, and not at all at twice its end.
BAND_FADE = math.log(2)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What of a product tastes depend on. `price` is in the store's currency, 0 where unknown."""

    category_id: int | None
    brand_id: int | None
    price: float


@dataclass(frozen=True, slots=True)
class Taste:
    """A shopper's liking by category and by brand (0 to 1, the most liked 1), and price bands.

    `bands` holds the least and greatest usual price by category: what is cheap for a phone is
    dear for its case. `trust` (0 to below 1) grows with how much is known.
    """

    categories: Mapping[int, float]
    brands: Mapping[int, float]
    bands: Mapping[int, tuple[float, float]]
    trust: float

    def suits(self, product: ProductFacts) -> float:
        """How well `product` suits: 0 not known to, below 1 perfectly."""
        category = product.category_id or 0
        share = CATEGORY_SHARE * self.categories.get(category, 0)
        share += BRAND_SHARE * self.brands.get(product.brand_id or 0, 0)
        if category in self.bands and product.price > 0:
            share += PRICE_SHARE * _closeness(product.price, *self.bands[category])
        return self.trust * share


def learn_taste(liked: Iterable[tuple[ProductFacts, float]]) -> Taste | None:
    """The taste that interactions show, each with its weight, negative for dislike.

    None where nothing is liked more than disliked.
    """
    rows = list(liked)
    categories = _add_up((facts.category_id, weight) for facts, weight in rows)
    brands = _add_up((facts.brand_id, weight) for facts, weight in rows)
    if not categories and not brands:
        return None
    total = max(sum(weight for _, weight in rows), 0.0)
    return Taste(
        _scale(categories), _scale(brands), _bands(rows, categories), total / (total + HALF_TRUST)
    )


def shifts_for(
    taste: Taste, facts: Mapping[int, ProductFacts], places: float = MAX_PLACES
) -> dict[int, float]:
    """By how many places each product moves up, 0 to `places`; those that do not are left out."""
    shifts = {product: places * taste.suits(known) for product, known in facts.items()}
    return {product: shift for product, shift in shifts.items() if shift > 0}


def _add_up(rows: Iterable[tuple[int | None, float]]) -> dict[int, float]:
    totals: dict[int, float] = {}
    for key, weight in rows:
        if key is not None:
            totals[key] = totals.get(key, 0) + weight
    return {key: total for key, total in totals.items() if total > 0}


def _scale(totals: Mapping[int, float]) -> dict[int, float]:
    most = max(totals.values(), default=1.0)
    return {key: total / most for key, total in totals.items()}


def _bands(
    rows: Sequence[tuple[ProductFacts, float]], categories: Mapping[int, float]
) -> dict[int, tuple[float, float]]:
    prices: dict[int, list[float]] = {}
    for facts, weight in rows:
        if facts.category_id in categories and facts.price > 0 and weight > 0:
            prices.setdefault(facts.category_id or 0, []).append(facts.price)
    return {category: _middle(sorted(known)) for category, known in prices.items()}


def _middle(prices: Sequence[float]) -> tuple[float, float]:
    """The least and greatest price without the outer quarters."""
    cut = len(prices) // 4
    return prices[cut], prices[-1 - cut]


def _closeness(price: float, low: float, high: float) -> float:
    # Logarithms, not quotients: of a price next to nothing these would overflow or be 0.
    price, low, high = math.log(price), math.log(low), math.log(high)
    outside = max(low - price, price - high, 0.0)
    return max(1 - outside / BAND_FADE, 0.0)
