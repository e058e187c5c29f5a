"""Read the history that demand is learnt from, and what was learnt."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.deciders.model import Response
from pricing.algorithms.demand.price_paths import PricePaths
from pricing.models import DemandEstimate, DemandFit
from pricing.selectors.columns import read_columns

UNITS_EACH = 5  # of a product, that a shopper's purchases of a day count at most

# A day's viewers are who could have bought; views by the thousand from one of them are one.
_ACTIVITY = """
SELECT product_id, (day - %s::date)::bigint,
  coalesce(sum(shoppers) FILTER (WHERE type = 'view'), 0)::float8,
  coalesce(sum(least(units, shoppers * %s)) FILTER (WHERE type = 'purchase'), 0)::float8
FROM events_dailyactivity
WHERE day >= %s AND day < %s AND product_id IS NOT NULL AND type IN ('view', 'purchase')
GROUP BY product_id, day
"""

_PRICES = """
SELECT v.product_id, v.id,
  greatest(0, extract(epoch FROM lower(h.period) - %s) / 86400)::float8,
  (extract(epoch FROM least(coalesce(upper(h.period), %s), %s) - %s) / 86400)::float8,
  ln(h.amount / v.list_price)::float8
FROM pricing_pricehistory AS h JOIN catalogue_variant AS v ON v.id = h.variant_id
WHERE h.period && tstzrange(%s, %s) AND h.currency = v.currency
  AND h.amount > 0 AND v.list_price > 0
ORDER BY v.product_id, v.id, lower(h.period)
"""

_PRODUCTS = """
SELECT id, coalesce(category_id, 0),
  least(%s, greatest(0, extract(epoch FROM created_at - %s) / 86400))::float8
FROM catalogue_product ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class DemandHistory:
    """What a shop sold at which prices over `days` days that end at a midnight.

    `products`, their `categories` (0: none) and `since` (days from the start until each was there)
    are (p,); `product` (codes from 0), `day`, `viewers` and `units` are (n,), days with a view or a
    purchase only.
    """

    days: int
    products: NDArray[np.int64]
    categories: NDArray[np.int64]
    since: NDArray[np.float64]
    product: NDArray[np.int64]
    day: NDArray[np.int64]
    viewers: NDArray[np.float64]
    units: NDArray[np.float64]
    prices: PricePaths


def load_demand_history(as_of: datetime, days: int) -> DemandHistory:
    """The history of all products up to the last midnight before `as_of`, in three statements."""
    end = as_of.astimezone(UTC).date()
    start = end - timedelta(days=days)
    begins, ends = _midnight(start), _midnight(end)
    products, categories, since = read_columns(_PRODUCTS, [float(days), begins], "iif")
    named, day, viewers, units = read_columns(_ACTIVITY, [start, UNITS_EACH, start, end], "iiff")
    known = np.isin(named, products)
    owner, variant, first, last, log_ratio = read_columns(
        _PRICES, [begins, ends, ends, begins, begins, ends], "iifff"
    )
    return DemandHistory(
        days=days, products=products, categories=categories, since=since,
        product=np.searchsorted(products, named[known]), day=day[known],
        viewers=viewers[known], units=units[known],
        prices=PricePaths.of(np.searchsorted(products, owner), variant, first, last, log_ratio),
    )  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the latest fit knows: of products, and of categories for products without history."""

    fit_id: int
    products: dict[int, Response]
    categories: dict[int, Response]


def load_learnt(as_of: datetime) -> Learnt | None:
    """What the latest fit up to `as_of` says, in two queries; None before the first."""
    fit = DemandFit.objects.filter(as_of__lte=as_of).first()
    if fit is None:
        return None
    rows = DemandEstimate.objects.filter(fit=fit).values_list(
        "product_id", "elasticity", "error", "rate", "is_borrowed"
    )
    products = {row[0]: Response(*row[1:]) for row in rows.iterator(chunk_size=10_000)}
    return Learnt(fit.pk, products, {row["category"]: _borrowed(row) for row in fit.categories})


def _borrowed(row: dict[str, Any]) -> Response:
    return Response(row["elasticity"], row["error"], row["rate"], is_borrowed=True)
