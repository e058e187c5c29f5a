"""Fit the demand model to the shop's own history, and keep what was learnt."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from pricing.algorithms.demand.responses import (
    DailySales,
    Responses,
    Traffic,
    fit_rates,
    fit_responses,
)
from pricing.models import DemandFit
from pricing.selectors.demand import DemandHistory, load_demand_history

DAYS = 180
HALF_LIFE = 30.0  # days after which a sale tells half as much of today's demand
KEPT = 3
_COPY = """
COPY pricing_demandestimate (fit_id, product_id, elasticity, error, rate, units, is_borrowed)
FROM STDIN
"""


def fit_demand(as_of: datetime, *, days: int = DAYS) -> DemandFit:
    """Fit on the `days` days before `as_of`, and let deciders read that from now on."""
    history = load_demand_history(as_of, days)
    categories, category = np.unique(history.categories, return_inverse=True)
    sales = _priced_sales(history)
    responses = fit_responses(sales, category)
    traffic = Traffic(history.since, float(days), HALF_LIFE)
    rates = fit_rates(sales, responses.elasticity, category, traffic)
    units = _sums(history.product, history.units, len(history.products))
    with transaction.atomic():
        fit = DemandFit.objects.create(
            as_of=as_of, days=days, products=len(history.products), units=int(units.sum()),
            elasticity=responses.whole.mean, error=responses.whole.error,
            categories=_borrowed(categories, category, responses, rates),
        )  # fmt: skip
        _store(fit, history, responses, rates, units)
        kept = DemandFit.objects.values_list("pk")[:KEPT]
        DemandFit.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return fit


def _priced_sales(history: DemandHistory) -> DailySales:
    """The days on which a price is known. A buyer that nobody saw looking has looked."""
    if history.viewers.sum() < history.units.sum():
        history = _on_every_day(history)
    log_ratio = history.prices.on_days(history.product, history.day)
    known = np.isfinite(log_ratio)
    return DailySales(
        product=history.product[known],
        day=history.day[known],
        exposure=np.maximum(1.0, history.viewers[known]),
        units=history.units[known],
        log_ratio=log_ratio[known],
    )


def _on_every_day(history: DemandHistory) -> DemandHistory:
    """The history of a shop that doesn't tell views: days without a sale count as they are."""
    first = np.minimum(np.ceil(history.since), history.days).astype(np.int64)
    product = np.repeat(np.arange(len(first)), history.days - first)
    begins = np.repeat(np.cumsum(history.days - first) - history.days, history.days - first)
    day = np.arange(len(product)) - begins
    cells = history.product * history.days + history.day
    sold = _sums(cells, history.units, len(first) * history.days)
    return replace(
        history, product=product, day=day, viewers=np.ones(len(product)),
        units=sold[product * history.days + day],
    )  # fmt: skip


def _sums(codes: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.bincount(codes, values, count).astype(np.float64)


def _borrowed(
    categories: NDArray[np.int64],
    category: NDArray[np.int64],
    responses: Responses,
    rates: NDArray[np.float64],
) -> list[dict[str, Any]]:
    """What a new product of each category is taken for; category 0 is none."""
    middle = [float(np.median(rates[category == code])) for code in range(len(categories))]
    return [
        {
            "category": int(key),
            "elasticity": prior.mean,
            "error": float(np.hypot(prior.error, prior.spread)),
            "rate": rate,
        }
        for key, prior, rate in zip(categories, responses.categories, middle, strict=True)
    ]


def _store(
    fit: DemandFit,
    history: DemandHistory,
    responses: Responses,
    rates: NDArray[np.float64],
    units: NDArray[np.float64],
) -> None:
    columns = (
        history.products.tolist(), responses.elasticity.tolist(), responses.error.tolist(),
        rates.tolist(), units.tolist(), responses.is_borrowed.tolist(),
    )  # fmt: skip
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in zip(*columns, strict=True):
            copy.write_row((fit.pk, *row))
