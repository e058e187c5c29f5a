"""Demand signals: one statement a slot, the same again, and nobody alone makes news."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Visitor
from events.models import Event
from events.services import roll_up_events
from pricing.models import DemandSignal
from pricing.services.signals import aggregate_signals, prune_signals, slot_of
from tests.factories.catalogue import make_product
from tests.factories.events import make_customer, make_link

pytestmark = pytest.mark.django_db
SLOT = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
hours = partial(timedelta, 0, 0, 0, 0, 0)


@pytest.fixture(autouse=True)
def _partitions():
    from events.services import ensure_partitions  # noqa: PLC0415

    ensure_partitions((SLOT - timedelta(days=20)).date(), SLOT.date())


def visitors(count):
    return Visitor.objects.bulk_create([Visitor() for _ in range(count)])


def act(product, who, kind="view", ago=1.0, each=1, quantity=None):
    """Each visitor of `who` does it `each` times, `ago` hours before the slot's end."""
    moment = SLOT - timedelta(hours=ago)
    Event.objects.bulk_create(
        [
            Event(type=kind, visitor=one, product=product, occurred_at=moment, quantity=quantity,
                  event_id=f"{kind}-{product.pk}-{one.pk}-{ago}-{number}")
            for one in who for number in range(each)
        ]
    )  # fmt: skip


def usual_week(product, viewers=30, carters=6, buyers=3):
    """The same shoppers on each of the ten days before."""
    crowd = visitors(max(viewers, carters, buyers))
    for day in range(1, 11):
        for kind, count in (("view", viewers), ("add_to_cart", carters), ("purchase", buyers)):
            act(product, crowd[:count], kind, ago=24 * day + 2)
    return crowd


def signals_at(moment=SLOT):
    roll_up_events()
    aggregate_signals(moment)
    return {s.product_id: s for s in DemandSignal.objects.filter(slot=slot_of(moment))}


def test_a_slot_ends_on_the_half_hour_before():
    assert slot_of(datetime(2026, 3, 10, 12, 29, 59, tzinfo=UTC)) == SLOT
    assert slot_of(SLOT) == SLOT
    assert slot_of(SLOT + timedelta(minutes=30)) == SLOT + timedelta(minutes=30)


def test_what_a_product_has_to_tell():
    product = make_product(stock=60)
    usual_week(product)
    act(product, visitors(130), "view")
    act(product, visitors(12), "purchase")
    found = signals_at()[product.pk]
    assert found.views_per_hour == pytest.approx((30 + (130 - 30 - 20)) / 24, abs=1e-3)
    assert found.carts_per_hour == pytest.approx(6 / 24, abs=1e-3)  # 0 today: no news
    assert found.purchases_per_day == 12
    assert found.purchases_week_average == 3
    assert found.demand_ratio == 4
    assert found.stock == 60
    assert found.days_of_cover == pytest.approx(60 / 3, rel=0.05)
    assert found.conversion == pytest.approx(33 / (7 * 30 + 110), rel=0.2)
    assert found.visitors == 142
    assert not found.is_borrowed


def test_stock_that_is_not_tracked_covers_nobody_knows_how_long():
    product = make_product()
    usual_week(product)
    found = signals_at()[product.pk]
    assert found.stock is None
    assert found.days_of_cover is None


def test_one_visitor_with_ten_thousand_fakes_makes_no_news():
    product, other = make_product(stock=9), make_product(stock=9)
    for one in (product, other):
        act(one, usual_week(one))
    (one,) = visitors(1)
    act(product, [one], "view", each=5_000)
    act(product, [one], "add_to_cart", each=5_000)
    found = signals_at()
    for name in ("views_per_hour", "carts_per_hour", "conversion", "demand_ratio", "days_of_cover"):
        assert getattr(found[product.pk], name) == getattr(found[other.pk], name), name


def test_the_same_from_five_hundred_visitors_does():
    product, other = make_product(), make_product()
    usual_week(product)
    usual_week(other)
    crowd = visitors(500)
    act(product, crowd, "view", each=2)
    act(product, crowd, "add_to_cart", each=2)
    found = signals_at()
    assert found[product.pk].views_per_hour > 10 * found[other.pk].views_per_hour
    assert found[product.pk].carts_per_hour > 50 * found[other.pk].carts_per_hour
    assert found[product.pk].conversion < found[other.pk].conversion


def test_a_customers_devices_are_one_shopper():
    product = make_product()
    customer = make_customer()
    devices = visitors(40)
    for device in devices:
        make_link(device, customer)
    act(product, devices)
    assert signals_at()[product.pk].visitors == 1


def test_two_days_of_bots_do_not_change_what_is_usual():
    product, other = make_product(), make_product()
    for one in (product, other):
        usual_week(one)
    bots = visitors(300)
    act(product, bots, ago=50)
    act(product, bots, ago=74)
    found = signals_at()
    assert found[product.pk].views_per_hour == found[other.pk].views_per_hour


def test_one_order_of_many_units_counts_as_few():
    product = make_product()
    usual_week(product)
    act(product, visitors(1), "purchase", quantity=1000)
    assert signals_at()[product.pk].purchases_per_day == 5


def test_the_same_slot_again_changes_nothing_and_late_events_are_put_in():
    product = make_product()
    usual_week(product)
    act(product, visitors(100))
    roll_up_events()
    assert aggregate_signals(SLOT + timedelta(minutes=7)).changed == 1
    before = DemandSignal.objects.values().get()
    assert aggregate_signals(SLOT + timedelta(minutes=20)).changed == 0
    assert DemandSignal.objects.values().get() == before
    act(product, visitors(10), ago=2)
    assert aggregate_signals(SLOT).changed == 1
    assert DemandSignal.objects.get().visitors == 110


def test_the_next_slot_writes_only_what_changed_and_what_is_gone_falls_to_nothing():
    quiet, busy = make_product(), make_product()
    usual_week(quiet)
    usual_week(busy)
    signals_at()
    act(busy, visitors(50), ago=-0.25)
    later = signals_at(SLOT + timedelta(minutes=30))
    assert set(later) == {busy.pk}
    gone = signals_at(SLOT + timedelta(days=8))
    assert gone[quiet.pk].views_per_hour == 0
    assert gone[quiet.pk].purchases_week_average == 0


def test_a_thin_product_takes_its_conversion_from_its_category():
    known, thin = (make_product(category=("Shoes",)) for _ in range(2))
    usual_week(known, viewers=60, buyers=6)
    act(thin, visitors(1))
    found = signals_at()
    assert found[thin.pk].is_borrowed
    assert found[thin.pk].conversion == pytest.approx(found[known.pk].conversion, rel=0.2)


def test_it_is_one_statement(django_assert_num_queries):
    make_product()
    with django_assert_num_queries(1):
        aggregate_signals(SLOT)


def test_old_signals_are_pruned():
    product = make_product()
    for days in (40, 1):
        DemandSignal.objects.create(product=product, slot=SLOT - timedelta(days=days))
    assert prune_signals(SLOT) == 1
    assert DemandSignal.objects.get().slot == SLOT - timedelta(days=1)


@given(
    usual=st.integers(0, 60), honest=st.integers(0, 90), bots=st.integers(1, 19),
    each=st.integers(1, 30), days=st.integers(1, 2),
)  # fmt: skip
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_botnet_below_the_band_moves_nothing_near_usual_and_little_elsewhere(
    usual, honest, bots, each, days
):
    clean, attacked = make_product(), make_product()
    crowd = visitors(max(usual, honest, 1))
    for product in (clean, attacked):
        for day in range(1, 8):
            act(product, crowd[:usual], ago=24 * day + 2)
        act(product, crowd[:honest])
    net = visitors(bots)
    for day in range(days):
        act(attacked, net, ago=24 * day + 3, each=each)
    found = signals_at()
    first, second = found.get(clean.pk), found[attacked.pk]
    before = first.views_per_hour if first else 0.0
    if abs(honest - usual) <= 20 - bots:
        assert second.views_per_hour == before
    assert abs(second.views_per_hour - before) <= bots / 24 + 1e-3
