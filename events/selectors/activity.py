"""Behaviour by hour or day: of each product, and of each shopper. One statement each.

These read the log itself, so they are for windows of days; what spans months is read from the
daily roll-up.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from events.models import EventType
from events.selectors.attribution import CUSTOMER, VISITOR
from events.selectors.buckets import (
    IS_COUNTED,
    SHOPPER,
    SHOPPERS_EVENTS,
    Bucket,
    bucket_start,
    check_window,
)

_COUNTED = """
  sum(coalesce(quantity, 1))::bigint AS units,
  coalesce(sum(unit_price * coalesce(quantity, 1)) FILTER (WHERE currency = %(store)s), 0)
"""

_MADE = f"""
SELECT e.product_id, e.type, {{bucket}} AS start, {SHOPPER},
  e.quantity, e.unit_price, e.currency
{SHOPPERS_EVENTS}
WHERE e.occurred_at >= %(start)s AND e.occurred_at < %(end)s AND e.type = ANY(%(types)s)
  AND e.product_id IS NOT NULL AND {{whose}} AND {IS_COUNTED}
"""

_OF_PRODUCTS = """
SELECT product_id, start, type, count(*), count(DISTINCT (customer_id, visitor_id)), {counted}
FROM ({made}) AS made
GROUP BY product_id, start, type ORDER BY product_id, start, type
"""

_OF_SHOPPERS = """
SELECT customer_id, visitor_id, start, type, count(*), count(DISTINCT product_id), {counted}
FROM ({made}) AS made
GROUP BY customer_id, visitor_id, start, type ORDER BY customer_id, visitor_id, start, type
"""

# The first parts are for the indexes, the last is what counts.
_THEIRS = f"""(
  e.customer_id = ANY(ARRAY(
    SELECT id FROM customers_customer
    WHERE id = ANY(%(customers)s) OR root_id = ANY(%(customers)s)
  ))
  OR e.visitor_id = ANY(ARRAY(
    SELECT link.visitor_id FROM customers_identitylink AS link
    JOIN customers_customer AS one ON one.id = link.customer_id
    WHERE one.id = ANY(%(customers)s) OR one.root_id = ANY(%(customers)s)
    UNION ALL SELECT unnest(%(visitors)s::uuid[])
  ))
) AND ({CUSTOMER} = ANY(%(customers)s) OR {VISITOR} = ANY(%(visitors)s::uuid[]))"""  # noqa: S608 - put together from constants


class ProductActivity(NamedTuple):
    """Events of one type with one product in one hour or day, which begins at `start` (UTC).

    `units` are quantities, 1 where none was told; `revenue` is what was named in the store's
    currency, 0 where no prices were.
    """

    product_id: int
    start: datetime
    type: str
    events: int
    shoppers: int
    units: int
    revenue: Decimal


class ShopperActivity(NamedTuple):
    """Events of one type by one shopper, a customer's id or a visitor's, in one hour or day."""

    shopper: int | UUID
    start: datetime
    type: str
    events: int
    products: int
    units: int
    revenue: Decimal


def product_activity(
    start: datetime,
    end: datetime,
    *,
    by: Bucket = "day",
    types: Sequence[str] = tuple(EventType),
    products: Iterable[int] | None = None,
) -> list[ProductActivity]:
    """Activity from `start` to before `end` of `products`, or of all, ordered as its fields are.

    A bucket that the window cuts holds what is inside the window.
    """
    whose = "true" if products is None else "e.product_id = ANY(%(products)s)"
    wanted = {} if products is None else {"products": list(products)}
    return [
        ProductActivity(*row) for row in _read(_OF_PRODUCTS, whose, by, start, end, types, **wanted)
    ]


def shopper_activity(
    start: datetime,
    end: datetime,
    *,
    by: Bucket = "day",
    types: Sequence[str] = tuple(EventType),
    shoppers: Iterable[int | UUID] | None = None,
) -> list[ShopperActivity]:
    """Activity with products from `start` to before `end` of `shoppers`, or of all.

    A customer's id stands for what was sent as its own and for what its links claim of visitors'.
    """
    named = None if shoppers is None else list(shoppers)
    rows = _read(
        _OF_SHOPPERS, "true" if named is None else _THEIRS, by, start, end, types,
        customers=[key for key in named or () if isinstance(key, int)],
        visitors=[key for key in named or () if isinstance(key, UUID)],
    )  # fmt: skip
    return [
        ShopperActivity(visitor if customer is None else customer, *rest)
        for customer, visitor, *rest in rows
    ]


def _read(  # noqa: PLR0913, PLR0917 - a window and its bucket
    statement: str,
    whose: str,
    by: Bucket,
    start: datetime,
    end: datetime,
    types: Sequence[str],
    **parameters: Any,
) -> list[tuple[Any, ...]]:
    check_window(start, end)
    parameters |= {
        "start": start, "end": end, "types": [str(kind) for kind in types],
        "store": settings.STORE_CURRENCY,
    }  # fmt: skip
    made = _MADE.format(bucket=bucket_start(by), whose=whose)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(counted=_COUNTED, made=made), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
