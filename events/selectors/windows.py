"""Count what happened to products in windows of time, with what one shopper can add to it bounded.

Signals of demand are read by this: views of the last day, carts of the last hours, purchases of the
last day beside those of the week before. One statement counts all windows of all products.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db import connection

from events.selectors.buckets import IS_COUNTED, SHOPPER, SHOPPERS_EVENTS, check_window

# A window is a branch with its own literals, so that each is planned on the months that it spans
# and by the index that suits its type.
_BRANCH = f"""
SELECT %s AS number, %s::bigint AS cap, e.product_id, {SHOPPER},
  count(*) AS events, sum(coalesce(e.quantity, 1)) AS units
{SHOPPERS_EVENTS}
WHERE e.type = %s AND e.occurred_at >= %s AND e.occurred_at < %s AND {{products}}
  AND {IS_COUNTED}
GROUP BY e.product_id, 4, 5
"""

_COUNTS = """
SELECT product_id, number, sum(least(events, cap))::bigint, sum(least(units, cap))::bigint, count(*)
FROM ({branches}) AS of_shopper
GROUP BY product_id, number
"""


class Window(NamedTuple):
    """Events of `type` from `start` to before `end`.

    Of each shopper and product at most `cap` events, and as many units, count; None: all do.
    """

    type: str
    start: datetime
    end: datetime
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """Counts of n products, ascending by id, in m windows as they were asked for.

    `events` and `units` are capped by shopper; `shoppers` are distinct ones. A visitor who is a
    customer now is that customer, so more devices do not make more shoppers.
    """

    product_ids: npt.NDArray[np.int64]  # (n,)
    events: npt.NDArray[np.int64]  # (n, m)
    units: npt.NDArray[np.int64]  # (n, m), quantities, 1 where none was told
    shoppers: npt.NDArray[np.int64]  # (n, m)

    def __len__(self) -> int:
        return len(self.product_ids)


def windowed_counts(
    windows: Sequence[Window], *, products: Iterable[int] | None = None
) -> WindowCounts:
    """Counts of every product of which something happened in any window, in one statement.

    `products` are the internal ids to look at; None: all. Products without any event in any
    window are not in the answer. Raises ValueError for a window that ends before it begins, and
    for none at all.
    """
    if not windows:
        raise ValueError("name at least one window")
    wanted = None if products is None else list(products)
    product = "e.product_id IS NOT NULL" if wanted is None else "e.product_id = ANY(%s)"
    parameters: list[Any] = []
    for number, window in enumerate(windows):
        check_window(window.start, window.end)
        parameters += [number, window.cap, str(window.type), window.start, window.end]
        parameters += [] if wanted is None else [wanted]
    branches = " UNION ALL ".join([_BRANCH.format(products=product)] * len(windows))
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(branches=branches), parameters)
        return _pivot(cursor.fetchall(), len(windows))


def _pivot(rows: list[tuple[int, ...]], windows: int) -> WindowCounts:
    """Rows of (product, window, events, units, shoppers) as one row for each product."""
    columns = np.array(rows, np.int64).reshape(-1, 5)
    product_ids, places = np.unique(columns[:, 0], return_inverse=True)
    counts = np.zeros((3, len(product_ids), windows), np.int64)
    counts[:, places, columns[:, 1]] = columns[:, 2:].T
    events, units, shoppers = counts
    return WindowCounts(product_ids, events, units, shoppers)
