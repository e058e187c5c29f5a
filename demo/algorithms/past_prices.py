"""The prices that the sample shop charged before its products were imported, as import lines."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.events import format_cents
from demo.algorithms.market import Market
from demo.algorithms.period import WEEK


def price_lines(market: Market, currency: str) -> Iterator[dict[str, Any]]:
    """A line for each time in which a variant's price stood still, the last one without an end.

    They are the prices that events carry: a product's ratio of the week times its list price.
    """
    for number, item in enumerate(market.catalogue.products):
        periods = list(_periods(market, number))
        for variant in item.variants:
            for begin, until, ratio in periods:
                yield {
                    "sku": variant.sku,
                    "price": format_cents(round(variant.list_price * ratio)),
                    "currency": currency,
                    "list_price": format_cents(variant.list_price),
                    "from": _stamp(begin),
                    "until": None if until is None else _stamp(until),
                }


def _periods(market: Market, product: int) -> Iterator[tuple[int, int | None, float]]:
    """From when, until when, and the ratio to list price; from the oldest week on."""
    ratios: NDArray[np.float64] = market.paths.ratio[::-1, product]
    now, weeks = market.paths.now, len(ratios)
    opened = max(market.period.start, int(market.catalogue.created_at[product]))
    changes = np.flatnonzero(np.diff(ratios, prepend=np.nan) != 0).tolist()
    for first, after in zip(changes, [*changes[1:], weeks], strict=True):
        begin = max(opened, now - (weeks - first) * WEEK)
        until = now - (weeks - after) * WEEK
        if after == weeks:
            yield begin, None, float(ratios[first])
        elif begin < until:
            yield begin, until, float(ratios[first])


def _stamp(time: int) -> str:
    return f"{np.datetime_as_string(np.datetime64(time, 'ms'), unit='ms')}Z"
