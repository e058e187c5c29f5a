"""When the sample shop's shoppers come, and which products they look at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.market import Market
from demo.algorithms.period import DAY, HOUR

# Share of the day's sessions that begin in each hour (UTC).
BY_HOUR = np.array([1, 0.6, 0.4, 0.3, 0.3, 0.6, 1.5, 2.6, 3.6, 4.2, 4.6, 4.8,
                    5.4, 5.2, 4.6, 4.4, 4.6, 5.2, 6.4, 8.0, 9.2, 8.8, 6.0, 3.0])  # fmt: skip
BY_WEEKDAY = np.array([1.0, 0.94, 0.93, 0.96, 1.02, 1.12, 1.25])  # Monday first
GROWTH = 0.25  # the last day has this much more than the first
EXTRA_VIEWS = 4.3
EXTRA_VISITS = 0.6  # of an anonymous visitor, beyond the first
INTENT = 0.68  # share of a session's views that stay in the category it began with
GAP = 45_000  # milliseconds between views, on average
CHECKOUT = 200_000  # milliseconds that a session may go on after its last view


@dataclass(frozen=True)
class Sessions:
    """Who came, and when (milliseconds): (sessions,) each, ordered by time."""

    shopper: NDArray[np.int64]
    start: NDArray[np.int64]


@dataclass(frozen=True)
class Views:
    """Who saw which product, when (milliseconds), in which session: (views,) each.

    They are ordered by session, and by time within it; a shopper's sessions follow each other.
    """

    session: NDArray[np.int64]
    shopper: NDArray[np.int64]
    product: NDArray[np.int64]
    time: NDArray[np.int64]


def draw_sessions(market: Market, rng: np.random.Generator) -> Sessions:
    """Everybody's sessions, busier in the evening and at weekends."""
    shoppers, now = market.shoppers, market.period.now
    expected = shoppers.activity * (now - shoppers.since) / DAY
    visits = 1 + rng.poisson(EXTRA_VISITS, len(expected))
    counts = np.where(shoppers.is_visitor, visits, rng.poisson(expected))
    who = np.repeat(np.arange(len(expected)), counts)
    when = _draw_times(market, shoppers.since[who], rng)
    order = np.argsort(when, kind="stable")
    return Sessions(shopper=who[order], start=when[order])


def _draw_times(
    market: Market, since: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """One time for each entry of `since`, not before it, by the weights of the hours."""
    cells = np.arange(market.period.start, market.period.now, HOUR)
    hour, weekday = cells // HOUR % 24, (cells // DAY + 3) % 7  # 1970-01-01 was a Thursday
    growth = 1 + GROWTH * np.linspace(0, 1, len(cells))
    rising = np.append(0.0, np.cumsum(BY_HOUR[hour] * BY_WEEKDAY[weekday] * growth))
    edges = np.append(cells, market.period.now)
    begin = np.interp(since, edges, rising)
    drawn = begin + rng.random(len(since)) * (rising[-1] - begin)
    return np.asarray(np.interp(drawn, rising, edges), dtype=np.int64)


def draw_views(market: Market, sessions: Sessions, rng: np.random.Generator) -> Views:
    """What is looked at: P(product | shopper) is proportional to exp(affinity + log popularity).

    Most views of a session stay in the category of the first. Products that did not exist yet are
    left out; nothing happens after the end of the period.
    """
    counts = 1 + rng.poisson(rng.gamma(2.0, EXTRA_VIEWS / 2.0, len(sessions.start)))
    first = np.append(0, np.cumsum(counts)[:-1])
    session = np.repeat(np.arange(len(counts)), counts)
    time = _view_times(sessions, session, first, rng, market.period.now)
    product = _draw_products(market, sessions.shopper[session], first, counts, rng)
    exists = market.catalogue.created_at[product] <= time
    shopper = sessions.shopper[session]
    return Views(session[exists], shopper[exists], product[exists], time[exists])


def _view_times(
    sessions: Sessions,
    session: NDArray[np.int64],
    first: NDArray[np.int64],
    rng: np.random.Generator,
    now: int,
) -> NDArray[np.int64]:
    gaps = rng.exponential(GAP, len(session)) + 2000
    gaps[first] = 0.0
    passed = np.cumsum(gaps)
    passed -= passed[first][session]
    last = np.append(first[1:], len(session)) - 1
    # A session that would outlast `now` began that much earlier.
    late = np.maximum(0, sessions.start + passed[last] + CHECKOUT - now)
    return np.asarray(sessions.start[session] + passed - late[session], dtype=np.int64)


def _draw_products(
    market: Market,
    shopper: NDArray[np.int64],
    first: NDArray[np.int64],
    counts: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """A product for each view: `shopper` (views,), `first` and `counts` (sessions,).

    Inverse-transform sampling: the products stand in the order of their categories, so that one
    category is an interval of each shopper's cumulative distribution.
    """
    category = np.sort(market.catalogue.category)
    rising = _cumulative_chances(market)
    edges = np.searchsorted(category, np.arange(len(market.catalogue.categories) + 1))
    drawn = rng.random(len(shopper))
    begun = category[_locate(rising, shopper[first], drawn[first])]
    low = rising[shopper[first], edges[begun]]
    width = rising[shopper[first], edges[begun + 1]] - low
    within = np.repeat(low, counts) + rng.random(len(shopper)) * np.repeat(width, counts)
    stays = rng.random(len(shopper)) < INTENT
    stays[first] = False
    found = _locate(rising, shopper, np.where(stays, within, drawn))
    order = np.argsort(market.catalogue.category, kind="stable")
    return np.asarray(order[found], dtype=np.int64)


def _cumulative_chances(market: Market) -> NDArray[np.float64]:
    """(shoppers, products + 1), from 0 to 1 in each row, products ordered by category."""
    order = np.argsort(market.catalogue.category, kind="stable")
    utility = (market.affinity + market.latents.log_popularity)[:, order]
    chances = np.exp(utility - utility.max(axis=1, keepdims=True))
    rising = np.cumsum(np.hstack([np.zeros((len(chances), 1)), chances]), axis=1)
    return np.asarray(rising / rising[:, -1:])


def _locate(
    rising: NDArray[np.float64], rows: NDArray[np.int64], drawn: NDArray[np.float64]
) -> NDArray[np.int64]:
    """In which interval of its row of `rising` each number in [0, 1) falls."""
    width = rising.shape[1]
    # One search for all: row r is shifted to [r, r + 1].
    flat = (rising + np.arange(len(rising))[:, None]).ravel()
    found = np.searchsorted(flat, drawn + rows, side="right") - rows * width - 1
    return np.asarray(np.clip(found, 0, width - 2), dtype=np.int64)
