"""Find what trends and how often products are bought again; one transaction each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from catalogue.models import Category, Product
from events.selectors import (
    Window,
    daily_activity,
    latest_event_at,
    purchase_cycles,
    windowed_counts,
)
from recommendations.algorithms.trends import LEAST_RISE, measure_rise
from recommendations.models import PurchaseCycle, TrendingProducts
from recommendations.services.store import array_text

WEIGHTS = {"view": 1.0, "add_to_cart": 3.0, "purchase": 5.0}
RECENT = timedelta(days=1)
# A small shop's day tells nothing; then the week does.
LONGER = timedelta(days=7)
LEAST_EVENTS = 500
USUAL_DAYS = 28
DEPTH = 100
CYCLES_SINCE = timedelta(days=730)
LEAST_INTERVALS = 3

_WRITE_TRENDS = """
INSERT INTO recommendations_trendingproducts (category_id, product_ids, scores, computed_at)
SELECT new.category_id, new.product_ids::bigint[], new.scores::float8[], now()
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (category_id, product_ids, scores)
WHERE new.category_id IS NULL
  OR EXISTS (SELECT FROM catalogue_category AS c WHERE c.id = new.category_id)
"""
_WRITE_CYCLES = """
INSERT INTO recommendations_purchasecycle (product_id, days, intervals, computed_at)
SELECT new.* , now() FROM unnest(%s::bigint[], %s::float8[], %s::int[]) AS new (id, days, seen)
JOIN catalogue_product AS p ON p.id = new.id
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def update_trends(now: datetime | None = None) -> int:
    """Find anew what trends in the shop and in each category; how many products rise.

    `now` is that of the settings: the clock, or the latest event of a shop whose events stopped.
    """
    now = now or _now()
    product_ids, rise = _measure(now)
    rising = np.flatnonzero(rise >= LEAST_RISE)
    rising = rising[np.argsort(-rise[rising], kind="stable")]
    lists = _by_category(product_ids[rising], rise[rising])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK, ["trending products"])
        TrendingProducts.objects.all().delete()
        columns: tuple[list[Any], ...] = ([], [], [])
        for category_id, ids, scores in lists:
            columns[0].append(category_id)
            columns[1].append(array_text(ids))
            columns[2].append(array_text(scores))
        cursor.execute(_WRITE_TRENDS, columns)
    return len(rising)


def update_cycles(now: datetime | None = None) -> int:
    """Find anew how often products are bought again; of how many that is known."""
    cycles = purchase_cycles((now or _now()) - CYCLES_SINCE, LEAST_INTERVALS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK, ["purchase cycles"])
        PurchaseCycle.objects.all().delete()
        columns = [list(column) for column in zip(*cycles, strict=True)] or [[], [], []]
        cursor.execute(_WRITE_CYCLES, columns)
    return len(cycles)


def _now() -> datetime:
    latest = settings.RECOMMENDATIONS_WINDOW_END == "latest_event"
    return (latest_event_at() if latest else None) or timezone.now()


def _measure(now: datetime) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Products of which something happened lately, ascending, and by how much each rises."""
    length = RECENT
    recent = windowed_counts([Window(kind, now - length, now, 1) for kind in WEIGHTS])
    if recent.shoppers.sum() < LEAST_EVENTS:
        length = LONGER
        recent = windowed_counts([Window(kind, now - length, now, 1) for kind in WEIGHTS])
    end = (now - length).date()
    usual = np.zeros(recent.shoppers.shape)
    kinds = {kind: number for number, kind in enumerate(WEIGHTS)}
    rows = {key: row for row, key in enumerate(recent.product_ids.tolist())}
    everybody = np.zeros(len(kinds))
    for day in daily_activity(end - timedelta(days=USUAL_DAYS), end, types=list(WEIGHTS)):
        everybody[kinds[day.type]] += day.shoppers
        if day.product_id in rows:
            usual[rows[day.product_id], kinds[day.type]] += day.shoppers
    days = length / timedelta(days=1)
    # One row more stands for all products that nobody looked at lately.
    rest = everybody - usual.sum(axis=0)
    table = np.vstack([usual, rest]) * days / USUAL_DAYS
    counts = np.vstack([recent.shoppers, np.zeros(len(kinds))])
    rise = measure_rise(counts, table, np.array(list(WEIGHTS.values())))
    return recent.product_ids, rise[:-1]


def _by_category(
    product_ids: NDArray[np.int64], rise: NDArray[np.float64]
) -> Sequence[tuple[int | None, list[int], list[float]]]:
    """The best of the shop (None) and of each category, its subtree included."""
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    placed = Product.objects.filter(pk__in=product_ids.tolist())
    category_of = dict(placed.values_list("pk", "category_id"))
    lists: dict[int | None, tuple[list[int], list[float]]] = {}
    for product_id, score in zip(product_ids.tolist(), rise.round(4).tolist(), strict=True):
        if product_id not in category_of:
            continue
        category_id: int | None = category_of[product_id]
        while True:
            ids, scores = lists.setdefault(category_id, ([], []))
            if len(ids) < DEPTH:
                ids.append(product_id)
                scores.append(score)
            if category_id is None:
                break
            category_id = parents.get(category_id)
    return [(category_id, *found) for category_id, found in lists.items()]
