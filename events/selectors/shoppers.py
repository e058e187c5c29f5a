"""Read one shopper's behaviour, each question in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from customers.selectors import Shopper
from events.models import EventType
from events.selectors.attribution import events_of, since_of

SESSION_WINDOW = timedelta(hours=24)
CART_WINDOW = timedelta(days=30)
# How much an interaction tells about the liking for a category, and how fast that fades.
CATEGORY_WEIGHTS: dict[str, float] = {
    EventType.VIEW: 1.0,
    EventType.CLICK: 1.0,
    EventType.ADD_TO_CART: 3.0,
    EventType.REMOVE_FROM_CART: -1.0,
    EventType.PURCHASE: 5.0,
    EventType.RETURN: -5.0,
    EventType.NOT_INTERESTED: -5.0,
}
CATEGORY_HALF_LIFE_DAYS = 30.0
CATEGORY_EVENTS = 200

_HISTORY = """
SELECT product_id, type, occurred_at, coalesce(quantity, 1)
FROM mine ORDER BY occurred_at DESC LIMIT %(limit)s
"""

_CATEGORIES = """,
weighed AS (
  SELECT p.category_id, w.weight
    * power(0.5, extract(epoch FROM max(m.occurred_at) OVER () - m.occurred_at)
      / 86400 / %(half_life)s) AS weight
  FROM (SELECT * FROM mine ORDER BY occurred_at DESC LIMIT %(events)s) AS m
  JOIN catalogue_product AS p ON p.id = m.product_id
  JOIN unnest(%(types)s::text[], %(weights)s::float8[]) AS w (type, weight) ON w.type = m.type
  WHERE p.category_id IS NOT NULL
),
liked AS (
  SELECT category_id, sum(weight) AS weight FROM weighed
  GROUP BY category_id HAVING sum(weight) > 0
)
SELECT category_id, weight / sum(weight) OVER ()
FROM liked ORDER BY weight DESC, category_id LIMIT %(limit)s
"""

_CART = """
SELECT product_id FROM mine
GROUP BY product_id
HAVING max(occurred_at) FILTER (WHERE type = 'add_to_cart')
  > coalesce(max(occurred_at) FILTER (WHERE type <> 'add_to_cart'), '-infinity')
ORDER BY max(occurred_at) DESC, product_id
"""

# Each of the latest interactions with what its product is, then the asked products likewise.
_TASTE = """,
recent AS (
  SELECT m.product_id, w.weight
    * power(0.5, extract(epoch FROM max(m.occurred_at) OVER () - m.occurred_at)
      / 86400 / %(half_life)s) AS weight
  FROM (SELECT * FROM mine ORDER BY occurred_at DESC LIMIT %(events)s) AS m
  JOIN unnest(%(types)s::text[], %(weights)s::float8[]) AS w (type, weight) ON w.type = m.type
),
wanted AS (
  SELECT product_id, weight FROM recent
  UNION ALL
  SELECT id, NULL FROM unnest(%(products)s::bigint[]) AS asked (id) WHERE EXISTS (TABLE recent)
)
SELECT p.id, p.category_id, p.brand_id, coalesce(price.amount, 0)::float8, wanted.weight
FROM wanted
JOIN catalogue_product AS p ON p.id = wanted.product_id
LEFT JOIN LATERAL (
  SELECT min(o.amount) AS amount
  FROM catalogue_variant AS v JOIN catalogue_offer AS o ON o.variant_id = v.id
  WHERE v.product_id = p.id AND o.currency = %(currency)s
) AS price ON true
"""

_PURCHASED = "SELECT DISTINCT product_id FROM mine"

_MOST_VIEWED = """
SELECT product_id FROM mine
GROUP BY product_id ORDER BY count(*) DESC, max(occurred_at) DESC, product_id LIMIT 1
"""

# On one device: what was seen without a customer and is nobody else's, or as the one that asks.
_SESSION = f"""
SELECT e.product_id FROM events_event AS e
WHERE e.visitor_id = %(visitor)s AND e.type = 'view' AND e.product_id IS NOT NULL
  {since_of("visitor_id", "%(visitor)s", "%(since)s")}
  AND CASE WHEN e.customer_id IS NULL THEN NOT EXISTS (
    SELECT FROM customers_identitylink AS claim
    JOIN customers_customer AS one ON one.id = claim.customer_id
    WHERE claim.visitor_id = e.visitor_id AND claim.undone_at IS NULL
      AND e.occurred_at >= coalesce(claim.claims_from, '-infinity')
      AND e.occurred_at < coalesce(claim.ended_at, 'infinity')
      AND coalesce(one.root_id, one.id) IS DISTINCT FROM %(customer)s
  ) ELSE e.customer_id = ANY(ARRAY(
    SELECT id FROM customers_customer WHERE id = %(customer)s OR root_id = %(customer)s
  )) END
GROUP BY e.product_id ORDER BY max(e.occurred_at) DESC, e.product_id LIMIT %(limit)s
"""  # noqa: S608 - constants

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Interaction:
    """What a shopper did with a product, and when. `quantity` is 1 where it was not told."""

    product_id: int
    type: str
    occurred_at: datetime
    quantity: int


def shopper_history(
    shopper: Shopper,
    *,
    types: Sequence[str] = tuple(CATEGORY_WEIGHTS),
    since: datetime = EPOCH,
    limit: int = 500,
) -> list[Interaction]:
    """The latest `limit` interactions with products, newest first."""
    return [Interaction(*row) for row in _read(_HISTORY, shopper, types, since, limit=limit)]


def preferred_categories(
    shopper: Shopper, limit: int = 5, *, since: datetime = EPOCH
) -> dict[int, float]:
    """Category ids that the shopper likes, most liked first, with their share of all liking.

    Each of the latest interactions counts by its type and half as much for each month between it
    and the very latest; categories of which as much was disliked as liked are left out. The
    weights of all liked categories add up to 1; `limit` cuts the tail.
    """
    rows = _read(
        _CATEGORIES, shopper, tuple(CATEGORY_WEIGHTS), since,
        weights=list(CATEGORY_WEIGHTS.values()), half_life=CATEGORY_HALF_LIFE_DAYS,
        events=CATEGORY_EVENTS, limit=limit,
    )  # fmt: skip
    return {category_id: float(weight) for category_id, weight in rows}


@dataclass(frozen=True, slots=True)
class TasteRow:
    """What a product is, and how much an interaction with it counts; None where it was asked for.

    `price` is the least in the store's currency, 0 where there is none.
    """

    product_id: int
    category_id: int | None
    brand_id: int | None
    price: float
    weight: float | None


def taste_rows(
    shopper: Shopper, product_ids: Sequence[int], *, since: datetime = EPOCH
) -> list[TasteRow]:
    """The shopper's latest interactions and `product_ids`, each with what its product is.

    Interactions are weighed as by `preferred_categories`. Empty for a shopper without any.
    """
    rows = _read(
        _TASTE, shopper, tuple(CATEGORY_WEIGHTS), since,
        weights=list(CATEGORY_WEIGHTS.values()), half_life=CATEGORY_HALF_LIFE_DAYS,
        events=CATEGORY_EVENTS, products=list(product_ids), currency=settings.STORE_CURRENCY,
    )  # fmt: skip
    return [TasteRow(*row) for row in rows]


def cart_of(shopper: Shopper) -> list[int]:
    """Products put into the cart in the last month and neither removed nor bought since.

    The latest comes first.
    """
    types = (EventType.ADD_TO_CART, EventType.REMOVE_FROM_CART, EventType.PURCHASE)
    return [row[0] for row in _read(_CART, shopper, types, timezone.now() - CART_WINDOW)]


def purchased_products(shopper: Shopper, *, since: datetime = EPOCH) -> frozenset[int]:
    """Every product that the shopper bought, returned ones included."""
    return frozenset(row[0] for row in _read(_PURCHASED, shopper, (EventType.PURCHASE,), since))


def most_viewed_product(shopper: Shopper, *, since: datetime = EPOCH) -> int | None:
    """The product that the shopper viewed most often, the latest of several; None for none."""
    rows = _read(_MOST_VIEWED, shopper, (EventType.VIEW,), since)
    return rows[0][0] if rows else None


def session_views(shopper: Shopper, limit: int = 10) -> list[int]:
    """Products that this visitor viewed in the last day, the latest first.

    What another customer saw on the same device is left out. Without a visitor: the customer's.
    """
    if not shopper.is_known:
        return []
    since = timezone.now() - SESSION_WINDOW
    if shopper.visitor_id is None:
        views = shopper_history(shopper, types=(EventType.VIEW,), since=since, limit=10 * limit)
        return list(dict.fromkeys(view.product_id for view in views))[:limit]
    parameters = {
        "visitor": shopper.visitor_id, "customer": shopper.customer_id,
        "since": since, "limit": limit,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SESSION, parameters)
        return [row[0] for row in cursor]


def own_events(
    customer: str = "%(customer)s",
    visitor: str = "%(visitor)s",
    types: str = "%(types)s",
    since: str | None = "%(since)s",
) -> str:
    """The common table expression `mine`: the events of one shopper with products.

    The parts are SQL: the customer's id, the visitor of somebody who is no customer, the types and
    the moment from which on, None for all. Columns are product_id, type, occurred_at and quantity.
    For statements that read more of a shopper than the functions here, in one go.
    """
    return events_of(
        f"SELECT 1 AS position, {customer}::bigint AS customer_id, {visitor}::uuid AS visitor_id",
        "e.product_id, e.type, e.occurred_at, e.quantity",
        f"e.type = ANY({types}) AND e.product_id IS NOT NULL",
        since=since,
    )


def _read(
    question: str, shopper: Shopper, types: Sequence[str], since: datetime, **parameters: Any
) -> list[tuple[Any, ...]]:
    """Rows of `question` asked about `mine`, the shopper's events; none for nobody."""
    anonymous = shopper.customer_id is None and shopper.customer_public_id is None
    visitor = shopper.visitor_id if anonymous else None
    if not shopper.is_known or (shopper.customer_id is None and visitor is None):
        return []
    parameters |= {
        "customer": shopper.customer_id, "visitor": visitor,
        "types": [str(kind) for kind in types], "since": since,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {own_events()}{question}", parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
