"""What becomes of a view: put into the cart, bought, taken out again, sent back.

P(cart | view) = CART * liking * response^0.5 and P(buy | cart) = BUY * response^0.5, where
`response` is (price / list price) ** (elasticity of the product * sensitivity of the shopper) and
`liking` grows with affinity. So sales per view have the true elasticity, but for the few views
whose chances reach `CERTAIN`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.market import Market
from demo.algorithms.period import DAY
from demo.algorithms.sessions import Views

CART = 0.19
BUY = 0.40
LIKING = 0.35
LIKING_LIMITS = (0.4, 2.0)
CERTAIN = 0.97
VISITORS_BUY = 0.25  # an anonymous visitor buys this much less
REMOVE = 0.3
RETURNED = 0.03
RETURNED_CLOTHES = 0.09
CLOTHES = frozenset({"Clothing", "Shoes"})
SEES_AGAIN = 0.35  # share of the views of a durable product that remain after it was bought


@dataclass(frozen=True)
class Looks:
    """Who looks at what: (views,) each. `liking` is what affinity does to the wish to buy."""

    shopper: NDArray[np.int64]
    product: NDArray[np.int64]
    liking: NDArray[np.float64]


@dataclass(frozen=True)
class Chances:
    """P(cart | view) and P(buy | cart): (views,) each."""

    cart: NDArray[np.float64]
    buy: NDArray[np.float64]


@dataclass(frozen=True)
class Choices:
    """The views that are kept, in order, and what followed: (views,) each.

    `variant` is a position in the product's variants, `ratio` the price's to the list price,
    `quantity` 0 where nothing was bought, `returned_at` (milliseconds) 0 where nothing came back.
    """

    shopper: NDArray[np.int64]
    session: NDArray[np.int64]
    product: NDArray[np.int64]
    time: NDArray[np.int64]
    variant: NDArray[np.int64]
    ratio: NDArray[np.float64]
    carted: NDArray[np.bool_]
    removed: NDArray[np.bool_]
    quantity: NDArray[np.int64]
    returned_at: NDArray[np.int64]


def weigh_looks(market: Market, shopper: NDArray[np.int64], product: NDArray[np.int64]) -> Looks:
    """The looks with their likings: 1 for what a shopper likes as much as what they usually see."""
    own = market.affinity[shopper, product]
    count = len(market.affinity)
    seen = np.bincount(shopper, minlength=count)
    average = np.bincount(shopper, own, count) / np.maximum(1, seen)
    liking = np.clip(np.exp(LIKING * (own - average[shopper])), *LIKING_LIMITS)
    return Looks(shopper, product, liking)


def chances_at(market: Market, looks: Looks, ratio: NDArray[np.float64]) -> Chances:
    """The choice model, at prices of these ratios (views,) to the list price."""
    shoppers = market.shoppers
    half = ratio ** (
        market.latents.elasticity[looks.product] * shoppers.sensitivity[looks.shopper] / 2
    )
    buys = np.where(shoppers.is_visitor[looks.shopper], VISITORS_BUY, 1.0)
    return Chances(
        cart=np.minimum(CERTAIN, CART * looks.liking * half),
        buy=np.minimum(CERTAIN, BUY * buys * half),
    )


def draw_choices(market: Market, views: Views, rng: np.random.Generator) -> Choices:
    """What followed each view."""
    product, count = views.product, len(views.product)
    ratio = market.paths.at(product, views.time)
    looks = weigh_looks(market, views.shopper, product)
    chances = chances_at(market, looks, ratio)
    carted = _is_first(views.session, product) & (rng.random(count) < chances.cart)
    bought = carted & (rng.random(count) < chances.buy)
    durable = ~market.is_consumable[product]
    owned = durable & _bought_before(views.shopper, product, bought)
    carted, bought = carted & ~owned, bought & ~owned
    quantity = np.where(durable, 1, 1 + rng.poisson(0.5, count))
    columns = Choices(
        shopper=views.shopper,
        session=views.session,
        product=product,
        time=views.time,
        variant=_choose_variants(market, looks),
        ratio=ratio,
        carted=carted,
        removed=carted & ~bought & (rng.random(count) < REMOVE),
        quantity=np.where(bought, quantity, 0),
        returned_at=_draw_returns(market, looks, np.where(bought, views.time, 0), rng),
    )
    keep = ~owned | (rng.random(count) < SEES_AGAIN)
    return Choices(**{name: column[keep] for name, column in vars(columns).items()})


def _is_first(session: NDArray[np.int64], product: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a view is the session's first of its product."""
    first = np.zeros(len(product), dtype=bool)
    first[np.unique(_pair(session, product), return_index=True)[1]] = True
    return first


def _bought_before(
    shopper: NDArray[np.int64], product: NDArray[np.int64], bought: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether the shopper had bought the product in an earlier view."""
    keys, inverse = np.unique(_pair(shopper, product), return_inverse=True)
    position = np.arange(len(product))
    earliest = np.full(len(keys), len(product))
    np.minimum.at(earliest, inverse[bought], position[bought])
    before: NDArray[np.bool_] = position > earliest[inverse]
    return before


def _pair(owner: NDArray[np.int64], product: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each pair of an owner and a product."""
    pairs: NDArray[np.int64] = owner * (int(product.max(initial=0)) + 1) + product
    return pairs


def _choose_variants(market: Market, looks: Looks) -> NDArray[np.int64]:
    """Always the same for the same shopper and product: what fits."""
    counts = np.array([len(item.variants) for item in market.catalogue.products])
    chosen = market.shoppers.size[looks.shopper] * counts[looks.product]
    return np.asarray(chosen, dtype=np.int64)


def _draw_returns(
    market: Market, looks: Looks, bought_at: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """When what was bought came back, days later; what is liked less comes back more often."""
    products = market.catalogue.products
    clothes = np.array([item.category_path[0] in CLOTHES for item in products])
    rate = np.where(clothes[looks.product], RETURNED_CLOTHES, RETURNED) / looks.liking
    when = bought_at + rng.uniform(3 * DAY, 14 * DAY, len(rate)).astype(np.int64)
    returned = (bought_at > 0) & (rng.random(len(rate)) < rate) & (when < market.period.now)
    return np.where(returned, when, 0)
