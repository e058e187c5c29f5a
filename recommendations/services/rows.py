"""From the event log to matrices: everybody's events of a window, or some shoppers' history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import scipy.sparse as sp
from django.db import connection
from numpy.typing import NDArray

from events.selectors import TRAINING_TYPES, events_of, number_ids, training_interactions
from events.selectors import TYPE_CODES as EVENT_CODES
from recommendations.algorithms.interactions import (
    TYPE_CODES,
    ConfidenceSettings,
    Interactions,
    build_seen,
    build_user_items,
    weigh_events,
)
from recommendations.selectors.texts import text_similarity
from recommendations.services.lists import Shopper, ShopperRows

# The event log's type codes → the algorithms'.
_CODES = np.full(len(EVENT_CODES), -1, dtype=np.int64)
for _name in TRAINING_TYPES:
    _CODES[EVENT_CODES[_name]] = TYPE_CODES[_name]
_STRONG = (TYPE_CODES["add_to_cart"], TYPE_CODES["purchase"])

_ASKED = """
SELECT number AS position, customer_id, visitor_id
FROM unnest(%(customers)s::bigint[], %(visitors)s::uuid[]) WITH ORDINALITY
  AS asked (customer_id, visitor_id, number)
"""
_COLUMNS = "e.product_id, e.type, e.occurred_at, e.quantity"
_WANTED = "e.type = ANY(%(types)s) AND e.product_id IS NOT NULL"
_HISTORIES = """
WITH {events}
SELECT position - 1, product_id, array_position(%(names)s::text[], type::text) - 1,
  extract(epoch FROM occurred_at)::float8, coalesce(quantity, 1)
FROM mine
"""


@dataclass(frozen=True, slots=True)
class Window:
    """Everybody's interactions within a window; columns stand for `product_ids`, ascending.

    `texts` says how much these products read alike (products x products).
    """

    interactions: Interactions
    types: NDArray[np.int64]
    shoppers: Sequence[Shopper]
    product_ids: NDArray[np.int64]
    texts: sp.csr_matrix

    def rows(self, confidence: ConfidenceSettings, as_of: float) -> ShopperRows:
        """The matrices of the window's shoppers."""
        return _to_rows(self.interactions, self.types, self.shoppers, confidence, as_of)


def read_window(start: datetime, end: datetime, confidence: ConfidenceSettings) -> Window:
    """Every interaction from `start` to before `end`, through one COPY."""
    found = training_interactions(start, end)
    product_ids, columns = number_ids(found.product_ids)
    shoppers: list[Shopper] = [*found.customer_ids.tolist(), *found.visitor_ids]
    types = _CODES[found.types]
    interactions = Interactions(
        users=found.shoppers,
        products=columns,
        weights=weigh_events(types, found.quantities.astype(np.float64), confidence),
        times=found.occurred_at,
        shape=(len(shoppers), len(product_ids)),
    )
    return Window(interactions, types, shoppers, product_ids, text_similarity(product_ids))


def read_histories(
    shoppers: Sequence[Shopper],
    product_ids: NDArray[np.int64],
    confidence: ConfidenceSettings,
    since: datetime,
    as_of: float,
) -> ShopperRows:
    """The matrices of `shoppers` over the products of a model, in one query.

    Products that the model does not know are left out.
    """
    parameters: dict[str, Any] = {
        "names": list(EVENT_CODES),
        "types": [str(kind) for kind in TRAINING_TYPES],
        "customers": [None if isinstance(key, UUID) else key for key in shoppers],
        "visitors": [key if isinstance(key, UUID) else None for key in shoppers],
        "since": since,
    }
    with connection.cursor() as cursor:
        events = events_of(_ASKED, _COLUMNS, _WANTED, since="%(since)s")
        cursor.execute(_HISTORIES.format(events=events), parameters)
        table = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 5)
    ids = table[:, 1].astype(np.int64)
    columns = np.searchsorted(product_ids, ids)
    known = columns < len(product_ids)
    known[known] = product_ids[columns[known]] == ids[known]
    types = _CODES[table[known, 2].astype(np.int64)]
    interactions = Interactions(
        users=table[known, 0].astype(np.int64),
        products=columns[known].astype(np.int64),
        weights=weigh_events(types, table[known, 4], confidence),
        times=table[known, 3],
        shape=(len(shoppers), len(product_ids)),
    )
    return _to_rows(interactions, types, shoppers, confidence, as_of)


def _to_rows(
    interactions: Interactions,
    types: NDArray[np.int64],
    shoppers: Sequence[Shopper],
    confidence: ConfidenceSettings,
    as_of: float,
) -> ShopperRows:
    strong = np.zeros(len(shoppers), dtype=bool)
    strong[interactions.users[np.isin(types, _STRONG)]] = True
    user_items = build_user_items(interactions, confidence, as_of)
    return ShopperRows(shoppers, user_items, build_seen(interactions), strong)
