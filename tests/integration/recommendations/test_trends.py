"""What trends is what rises against its usual; how often something is bought again."""

from uuid import uuid4

import pytest

from events.services import roll_up_events
from recommendations.models import PurchaseCycle, TrendingProducts
from recommendations.services.trends import update_cycles, update_trends
from tests.factories.catalogue import make_category, make_product
from tests.factories.events import make_customer, record, record_event

pytestmark = pytest.mark.django_db


def view(product, times, days_ago=0.0, **who):
    from datetime import timedelta  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415

    moment = (timezone.now() - timedelta(days=days_ago)).isoformat()
    record(*(
        {"type": "view", "product_id": product.public_id, "occurred_at": moment,
         **(who or {"visitor_id": str(uuid4())})}
        for _ in range(times)
    ))  # fmt: skip


def trending(category=None):
    row = TrendingProducts.objects.filter(category=category).first()
    return row.product_ids if row else []


@pytest.fixture
def products():
    phones, pets = make_category("Phones"), make_category("Pets", "Dogs")
    return [make_product(category=category) for category in (phones, phones, pets, pets)]


def test_the_bestseller_does_not_trend_and_the_riser_does(products):
    bestseller, riser, quiet, _ = products
    for day in range(9, 25, 2):
        view(bestseller, 30, day)
        view(riser, 2, day)
        view(quiet, 2, day)
    view(bestseller, 90)
    view(riser, 30)
    view(quiet, 6)
    roll_up_events()
    assert update_trends() == 1
    assert trending() == [riser.pk]
    assert trending(riser.category) == [riser.pk]


def test_a_good_day_of_the_whole_shop_is_no_trend(products):
    for product in products:
        for day in range(9, 25, 2):
            view(product, 5, day)
        view(product, 60)
    roll_up_events()
    assert update_trends() == 0
    assert trending() == []


def test_one_visitor_with_a_thousand_views_is_no_trend(products):
    noisy, other, *_ = products
    for day in range(9, 25, 2):
        view(other, 10, day)
    view(noisy, 1000, visitor_id=str(uuid4()))
    view(other, 10)
    roll_up_events()
    update_trends()
    assert noisy.pk not in trending()


def test_what_lies_below_a_category_counts_for_it(products):
    *_, riser = products
    for day in range(9, 25, 2):
        view(products[0], 20, day)
    view(products[0], 40)
    view(riser, 30)
    roll_up_events()
    update_trends()
    assert trending(riser.category) == trending(riser.category.parent) == [riser.pk]


def test_without_usual_days_nothing_trends(products):
    view(products[0], 50)
    roll_up_events()
    assert update_trends() == 0


def test_an_empty_shop_has_no_trends():
    assert update_trends() == 0
    assert update_cycles() == 0


def test_the_usual_interval_is_the_median_of_those_seen(products):
    coffee, fridge, *_ = products
    for gap in (20, 30, 100):
        customer = make_customer()
        for ago in (1, 1 + gap):
            record_event("purchase", product=coffee, customer=customer, days_ago=ago)
        record_event("purchase", product=fridge, customer=customer, days_ago=gap)
    assert update_cycles() == 1
    cycle = PurchaseCycle.objects.get()
    assert (cycle.product_id, cycle.days, cycle.intervals) == (coffee.pk, 30.0, 3)
    assert update_cycles() == 1
