"""Read the log: one shopper's behaviour, everybody's for training, and what is due.

Whose an event is, and whether it counts, is told by `attribution` alone.
"""

from events.selectors.activity import (
    ProductActivity,
    ShopperActivity,
    product_activity,
    shopper_activity,
)
from events.selectors.attribution import (
    ATTRIBUTED,
    BY_PEOPLE,
    CUSTOMER,
    PEOPLE,
    VISITOR,
    events_of,
    learnt_from,
)
from events.selectors.cycles import Cycle, purchase_cycles
from events.selectors.daily import ProductDay, counted_until, daily_activity
from events.selectors.deeds import Deed, deeds_with
from events.selectors.log import latest_event_at
from events.selectors.purchases import purchases_of
from events.selectors.refreshes import RefreshDue, pending_refreshes
from events.selectors.shoppers import (
    Interaction,
    TasteRow,
    cart_of,
    most_viewed_product,
    own_events,
    preferred_categories,
    purchased_products,
    session_views,
    shopper_history,
    taste_rows,
)
from events.selectors.summary import RejectionCount, Summary, TypeCount, summarise_events
from events.selectors.training import (
    TRAINING_TYPES,
    TYPE_CODES,
    TrainingInteractions,
    number_ids,
    training_interactions,
)
from events.selectors.windows import Window, WindowCounts, windowed_counts

__all__ = [
    "ATTRIBUTED",
    "BY_PEOPLE",
    "CUSTOMER",
    "PEOPLE",
    "TRAINING_TYPES",
    "TYPE_CODES",
    "VISITOR",
    "Cycle",
    "Deed",
    "Interaction",
    "ProductActivity",
    "ProductDay",
    "RefreshDue",
    "RejectionCount",
    "ShopperActivity",
    "Summary",
    "TasteRow",
    "TrainingInteractions",
    "TypeCount",
    "Window",
    "WindowCounts",
    "cart_of",
    "counted_until",
    "daily_activity",
    "deeds_with",
    "events_of",
    "latest_event_at",
    "learnt_from",
    "most_viewed_product",
    "number_ids",
    "own_events",
    "pending_refreshes",
    "preferred_categories",
    "product_activity",
    "purchase_cycles",
    "purchased_products",
    "purchases_of",
    "session_views",
    "shopper_activity",
    "shopper_history",
    "summarise_events",
    "taste_rows",
    "training_interactions",
    "windowed_counts",
]
