"""The whole sample shop, drawn from one seed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.choices import Choices, chances_at, draw_choices, weigh_looks
from demo.algorithms.events import EventTable, draw_events
from demo.algorithms.market import Market, draw_market
from demo.algorithms.period import DAY, Period
from demo.algorithms.sessions import draw_sessions, draw_views

VISITORS = 0.6  # anonymous visitors for each customer


@dataclass(frozen=True)
class ShopSize:
    """How large a shop is drawn, and from which seed; `shoppers` are known customers."""

    products: int = 2000
    shoppers: int = 1500
    days: int = 120
    seed: int = 7


@dataclass(frozen=True)
class SampleShop:
    """What is given and what happened.

    `daily_units` (products,) is what would be sold a day, on average, at list price.
    """

    market: Market
    choices: Choices
    events: EventTable
    daily_units: NDArray[np.float64]


def draw_shop(size: ShopSize, *, now: int) -> SampleShop:
    """The shop of a seed, with `size.days` of events that end at `now` (milliseconds)."""
    rng = np.random.default_rng([size.seed, size.products, size.shoppers, size.days])
    period = Period(now - size.days * DAY, now)
    visitors = round(size.shoppers * VISITORS)
    market = draw_market(size.products, size.shoppers, visitors, period, rng)
    views = draw_views(market, draw_sessions(market, rng), rng)
    choices = draw_choices(market, views, rng)
    return SampleShop(
        market=market,
        choices=choices,
        events=draw_events(choices, rng),
        daily_units=_daily_units(market, choices),
    )


def _daily_units(market: Market, choices: Choices) -> NDArray[np.float64]:
    """Expected sales at list price, given who looked at what, by the days that it was there."""
    looks = weigh_looks(market, choices.shopper, choices.product)
    chances = chances_at(market, looks, np.ones(len(choices.time)))
    since = np.maximum(market.period.start, market.catalogue.created_at)
    sold = np.bincount(looks.product, chances.cart * chances.buy, len(since))
    units: NDArray[np.float64] = sold / ((market.period.now - since) / DAY)
    return units
