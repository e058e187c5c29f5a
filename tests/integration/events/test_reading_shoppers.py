"""One shopper's behaviour: own events and those of the visitors linked now; one query each."""

from uuid import uuid4

import pytest

from customers.selectors import NOBODY, Shopper, resolve_shopper
from customers.services import unlink_visitor
from events.selectors import (
    cart_of,
    latest_event_at,
    most_viewed_product,
    preferred_categories,
    purchased_products,
    session_views,
    shopper_history,
)
from tests.factories.catalogue import make_category, make_product
from tests.factories.events import make_customer, make_link, make_visitor, record_event

pytestmark = pytest.mark.django_db
READS = [
    shopper_history, preferred_categories, cart_of, purchased_products, most_viewed_product,
    session_views,
]  # fmt: skip


@pytest.fixture
def products():
    return [make_product() for _ in range(4)]


def shopper(customer=None, visitor=None):
    return Shopper(
        visitor and visitor.pk, customer and customer.pk, customer and customer.public_id
    )


@pytest.mark.parametrize("read", READS)
def test_one_query_each(read, django_assert_num_queries):
    for someone in (shopper(make_customer()), shopper(visitor=make_visitor())):
        with django_assert_num_queries(1):
            read(someone)


@pytest.mark.parametrize("read", READS)
def test_nobody_costs_nothing(read, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not read(NOBODY)


def test_history_is_newest_first_and_cut(products):
    customer = make_customer()
    for age, product in enumerate(products):
        record_event("purchase", product=product, customer=customer, days_ago=age, quantity=age + 1)
    history = shopper_history(shopper(customer), limit=3)
    assert [(seen.product_id, seen.quantity) for seen in history] == [
        (product.pk, age + 1) for age, product in enumerate(products[:3])
    ]


def test_a_customer_is_its_own_events_and_its_visitors(products):
    customer, linked, other = make_customer(), make_visitor(), make_visitor()
    record_event(product=products[0], customer=customer)
    record_event(product=products[1], visitor=linked)
    record_event(product=products[2], visitor=other)
    make_link(linked, customer)
    ids = {seen.product_id for seen in shopper_history(shopper(customer))}
    assert ids == {products[0].pk, products[1].pk}


def test_link_unlink_link_equals_link(products):
    customer, visitor = make_customer(), make_visitor()
    record_event("purchase", product=products[0], visitor=visitor)
    before = [read(shopper(customer)) for read in READS]
    make_link(visitor, customer)
    linked = [read(shopper(customer)) for read in READS]
    assert unlink_visitor(visitor.pk) is not None
    assert [read(shopper(customer)) for read in READS] == before != linked
    make_link(visitor, customer)
    assert [read(shopper(customer)) for read in READS] == linked


def test_an_event_of_both_is_the_customers_alone(products):
    customer, visitor = make_customer(), make_visitor()
    record_event(product=products[0], customer=customer, visitor=visitor)
    assert len(shopper_history(shopper(customer))) == 1
    assert shopper_history(shopper(visitor=visitor)) == []


def test_a_customer_yet_unknown_does_not_read_the_devices_events(products):
    visitor = make_visitor()
    record_event(product=products[0], visitor=visitor)
    stranger = resolve_shopper(visitor.pk, "never-seen")
    assert shopper_history(stranger) == []


def test_session_views_are_the_latest_first_each_once(products):
    visitor = make_visitor()
    for hours, product in [(5, 0), (4, 1), (3, 0), (2, 2), (30, 3)]:
        record_event(product=products[product], visitor=visitor, days_ago=hours / 24)
    expected = [products[2].pk, products[0].pk, products[1].pk]
    assert session_views(shopper(visitor=visitor)) == expected
    assert session_views(shopper(visitor=visitor), limit=1) == expected[:1]


def test_session_views_leave_out_who_was_logged_in_before(products):
    visitor, before, now = make_visitor(), make_customer(), make_customer()
    record_event(product=products[0], visitor=visitor, customer=before)
    record_event(product=products[1], visitor=visitor, customer=now)
    record_event(product=products[2], visitor=visitor, days_ago=0.1)
    assert session_views(shopper(now, visitor)) == [products[1].pk, products[2].pk]
    assert session_views(shopper(visitor=visitor)) == [products[2].pk]


def test_session_views_of_a_customer_without_a_visitor(products):
    customer = make_customer()
    record_event(product=products[0], customer=customer)
    assert session_views(shopper(customer)) == [products[0].pk]


def test_the_cart_is_what_was_added_and_neither_removed_nor_bought(products):
    customer = make_customer()
    for product in products:
        record_event("add_to_cart", product=product, customer=customer, days_ago=3)
    record_event("remove_from_cart", product=products[0], customer=customer, days_ago=2)
    record_event("purchase", product=products[1], customer=customer, days_ago=2)
    record_event("remove_from_cart", product=products[2], customer=customer, days_ago=2)
    record_event("add_to_cart", product=products[2], customer=customer, days_ago=1)
    assert cart_of(shopper(customer)) == [products[2].pk, products[3].pk]


def test_carts_are_forgotten(products):
    customer = make_customer()
    record_event("add_to_cart", product=products[0], customer=customer, days_ago=40)
    assert cart_of(shopper(customer)) == []


def test_what_was_bought_stays_bought_when_returned(products):
    customer = make_customer()
    record_event("purchase", product=products[0], customer=customer, days_ago=2)
    record_event("return", product=products[0], customer=customer)
    assert purchased_products(shopper(customer)) == {products[0].pk}


def test_the_most_viewed_product(products):
    customer = make_customer()
    for number in (0, 1, 1, 2):
        record_event(product=products[number], customer=customer)
    assert most_viewed_product(shopper(customer)) == products[1].pk
    assert most_viewed_product(shopper(make_customer())) is None


def test_preferred_categories_weigh_type_and_time():
    customer = make_customer()
    phones, lamps, chairs, none = (
        make_product(category=("Phones",)), make_product(category=("Lamps",)),
        make_product(category=("Chairs",)), make_product(),
    )  # fmt: skip
    record_event("purchase", product=lamps, customer=customer, days_ago=30)  # 5 / 2
    record_event("view", product=phones, customer=customer)  # 1
    record_event("view", product=chairs, customer=customer)
    record_event("not_interested", product=chairs, customer=customer)
    record_event("purchase", product=none, customer=customer)
    liked = preferred_categories(shopper(customer))
    assert list(liked) == [make_category("Lamps").pk, make_category("Phones").pk]
    assert list(liked.values()) == pytest.approx([2.5 / 3.5, 1 / 3.5], rel=1e-3)
    assert list(preferred_categories(shopper(customer), 1)) == [make_category("Lamps").pk]


def test_the_latest_event():
    assert latest_event_at() is None
    customer = make_customer()
    record_event("search", customer=customer, occurred_at="2026-01-02T03:04:05Z")
    record_event("search", customer=customer, occurred_at="2012-01-02T03:04:05Z")
    assert latest_event_at().isoformat() == "2026-01-02T03:04:05+00:00"


def test_a_visitor_never_seen():
    assert shopper_history(Shopper(visitor_id=uuid4())) == []
