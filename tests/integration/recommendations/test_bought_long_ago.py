"""What a shopper bought before the window is not recommended again."""

from datetime import UTC, datetime, timedelta

from recommendations.models import CustomerRecommendations
from recommendations.services.refreshing import refresh_due_shoppers
from tests.factories.events import make_link, make_visitor, record_event
from tests.factories.recommendations import train_now


def buy_long_ago(product, **who):
    record_event(
        type="purchase",
        product_id=product.public_id,
        occurred_at=(datetime.now(UTC) - timedelta(days=200)).isoformat(),
        order_id="long-ago",
        **who,
    )


def listed(customer):
    return CustomerRecommendations.objects.filter(customer=customer).latest("run_id").product_ids


def test_by_training(shop):
    train_now()
    first = listed(shop.gardener)[0]
    product = next(one for one in shop.garden + shop.kitchen if one.pk == first)
    buy_long_ago(product, customer_id=shop.gardener.public_id)
    train_now()
    assert first not in listed(shop.gardener)


def test_by_a_refresh_and_through_a_linked_visitor(shop):
    train_now()
    first = listed(shop.gardener)[0]
    product = next(one for one in shop.garden + shop.kitchen if one.pk == first)
    visitor = make_visitor()
    buy_long_ago(product, visitor_id=str(visitor.pk))
    make_link(visitor, shop.gardener)
    record_event(
        type="view", product_id=shop.garden[0].public_id, customer_id=shop.gardener.public_id
    )
    refresh_due_shoppers()
    assert first not in listed(shop.gardener)
