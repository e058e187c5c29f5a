"""A small shop with two tastes, for recommendations."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from django.utils import timezone

from catalogue.models import Product
from customers.models import Customer
from recommendations.services.training import TrainingReport, Window, train
from tests.factories.catalogue import make_category, make_product
from tests.factories.events import make_customer, record

TASTES = ("Garden", "Kitchen")
PRODUCTS = 12
CUSTOMERS = 16
TAKEN = 7


@dataclass(frozen=True)
class Shop:
    """Twelve products per taste; customers with even numbers garden, the others cook."""

    garden: list[Product]
    kitchen: list[Product]
    customers: list[Customer]

    @property
    def gardener(self) -> Customer:
        """A customer who bought garden[0] to garden[6]."""
        return self.customers[0]


def make_shop() -> Shop:
    """The shop with its purchases, none of them later than a day ago."""
    garden, kitchen = (
        [make_product(category=make_category(taste)) for _ in range(PRODUCTS)] for taste in TASTES
    )
    customers = [make_customer() for _ in range(CUSTOMERS)]
    events = []
    for number, customer in enumerate(customers):
        products = kitchen if number % 2 else garden
        for step in range(TAKEN):
            product = products[(number // 2 * 3 + step) % PRODUCTS]
            events.append({
                "type": "purchase",
                "customer_id": customer.public_id,
                "product_id": product.public_id,
                "occurred_at": _days_ago(1 + step + number / 10),
                "order_id": f"order-{number}-{step}",
            })  # fmt: skip
    record(*events)
    return Shop(garden, kitchen, customers)


def make_large_shop(customers: int = 80, taken: int = 12) -> Shop:
    """A shop like the other, with products and shoppers enough to be measured on."""
    garden, kitchen = (
        [make_product(category=make_category(taste)) for _ in range(40)] for taste in TASTES
    )
    people = [make_customer() for _ in range(customers)]
    events = [
        {
            "type": "purchase",
            "customer_id": customer.public_id,
            "product_id": product.public_id,
            "occurred_at": _days_ago(1 + (taken - step) * 3 + number / customers),
            "order_id": f"large-{number}-{step}",
        }
        for number, customer in enumerate(people)
        for step, product in enumerate(
            Random(number).sample(kitchen if number % 2 else garden, taken)
        )
    ]
    for start in range(0, len(events), 500):
        record(*events[start : start + 500])
    return Shop(garden, kitchen, people)


def train_now() -> TrainingReport:
    """Train on the last 90 days, and go live."""
    return train(Window.ending(timezone.now(), 90))


def _days_ago(days: float) -> str:
    now = timezone.now().timestamp()
    return datetime.fromtimestamp(now - days * 86_400, UTC).isoformat()
