"""Counts by day and hour equal a recount of the log, whoever writes meanwhile."""

import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from events.models import DailyActivity, Event, EventCount, StaleDay
from events.selectors import ProductDay, counted_until, daily_activity
from events.services import RolledUp, prune_events, roll_up_events
from events.tasks import roll_up_stale_days
from tests.factories.catalogue import make_product
from tests.factories.events import make_customer, make_link, make_visitor, record, record_event
from tests.factories.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def at(hours):
    return {"occurred_at": (START + timedelta(hours=hours)).isoformat()}


def tally(events):
    """(events, shoppers, units, revenue) of `events`, counted by hand."""
    return (
        len(events),
        len({event.customer_id or event.visitor_id for event in events}),
        sum(event.quantity or 1 for event in events),
        sum(event.unit_price * (event.quantity or 1) for event in events
            if event.unit_price is not None and event.currency == "USD"),
    )  # fmt: skip


def grouped(key):
    groups = defaultdict(list)
    for event in Event.objects.all():
        groups[key(event)].append(event)
    return {name: tally(events) for name, events in groups.items()}


def assert_counts_equal_a_recount():
    assert {
        (row.day, row.product_id, row.type): (row.events, row.shoppers, row.units, row.revenue)
        for row in DailyActivity.objects.all()
    } == grouped(lambda event: (event.occurred_at.date(), event.product_id, event.type))
    for span, units in (("hour", {}), ("day", {"hour": 0})):
        assert {
            (row.start, row.type): (row.events, row.shoppers, row.units, row.revenue)
            for row in EventCount.objects.filter(span=span)
        } == grouped(
            lambda event, units=units: (
                event.occurred_at.replace(minute=0, second=0, microsecond=0, **units),
                event.type,
            )
        )


def test_what_a_day_of_a_product_says():
    lamp, customer, visitor = make_product(), make_customer(), make_visitor()
    record_event(
        "purchase", product=lamp, customer=customer, unit_price="2.50", quantity=2, **at(1)
    )
    record_event("purchase", product=lamp, visitor=visitor, unit_price="3", **at(2))
    record_event("purchase", product=lamp, visitor=visitor, unit_price="9", currency="XTS", **at(3))
    record_event(product=lamp, customer=customer, **at(25))
    record_event(customer=customer, query="lamp", type="search", **at(1))
    assert roll_up_events() == RolledUp(days=2, changed=3)
    first, second = START.date(), (START + DAY).date()
    assert daily_activity(first, second + DAY) == [
        ProductDay(lamp.pk, first, "purchase", 3, 2, 4, Decimal(8)),
        ProductDay(lamp.pk, second, "view", 1, 1, 1, Decimal(0)),
    ]
    assert daily_activity(first, second, types=["view"]) == []
    assert daily_activity(first, second, products=[lamp.pk + 1]) == []
    assert_counts_equal_a_recount()


def test_a_second_run_changes_nothing():
    record_event(product=make_product(), customer=make_customer(), **at(1))
    roll_up_events()
    assert roll_up_stale_days() == {"days": 0, "changed": 0}
    record_event(product=make_product(), customer=make_customer(), **at(2))
    assert roll_up_stale_days() == {"days": 1, "changed": 1}
    assert_counts_equal_a_recount()


def test_a_link_made_later_changes_no_count():
    lamp, customer, visitor = make_product(), make_customer(), make_visitor()
    record_event(product=lamp, customer=customer, **at(1))
    record_event(product=lamp, visitor=visitor, **at(1))
    roll_up_events()
    make_link(visitor, customer)
    assert not StaleDay.objects.exists()
    assert DailyActivity.objects.get().shoppers == 2


def test_what_is_erased_is_counted_no_more():
    lamp, customer, other = make_product(), make_customer(), make_customer()
    for hours in (1, 30):
        record_event(product=lamp, customer=customer, **at(hours))
    record_event(product=lamp, customer=other, **at(1))
    roll_up_events()
    Event.objects.filter(customer=customer).delete()
    assert roll_up_events() == RolledUp(days=2, changed=2)
    assert DailyActivity.objects.get().events == 1
    assert_counts_equal_a_recount()


@pytest.mark.parametrize("role", ["visitor", "customer"])
def test_a_bot_is_not_counted_from_when_it_is_known(role):
    lamp, other = make_product(), make_customer()
    bot = make_visitor() if role == "visitor" else make_customer()
    for hours in (1, 30):
        record_event(product=lamp, **{role: bot}, **at(hours))
    record_event(product=lamp, customer=other, **at(1))
    roll_up_events()
    assert list(DailyActivity.objects.order_by("day").values_list("events", flat=True)) == [2, 1]
    type(bot).objects.filter(pk=bot.pk).update(is_bot=True)
    assert roll_up_events() == RolledUp(days=2, changed=2)
    assert DailyActivity.objects.get().events == 1
    type(bot).objects.filter(pk=bot.pk).update(is_bot=True)
    assert not StaleDay.objects.exists()
    type(bot).objects.filter(pk=bot.pk).update(is_bot=False)
    roll_up_events()
    assert_counts_equal_a_recount()


def test_it_says_until_when_it_is_complete():
    day = START.date()
    record_event(product=make_product(), customer=make_customer(), **at(1))
    received_at = Event.objects.get().received_at
    assert counted_until(day, day + DAY) == received_at
    assert counted_until(day + DAY, day + 2 * DAY) > received_at
    roll_up_events()
    assert counted_until(day, day + DAY) > received_at


def test_all_is_counted_again_when_the_store_s_currency_changes(settings):
    sold = {"type": "purchase", "product": make_product(), "customer": make_customer()}
    for hours, currency in ((0, "USD"), (24 * 50, "XTS")):
        record_event(**sold, unit_price="2", currency=currency, **at(hours))
    call_command("roll_up_events")
    settings.STORE_CURRENCY = "XTS"
    call_command("roll_up_events")
    revenues = DailyActivity.objects.order_by("day").values_list("revenue", flat=True)
    assert list(revenues) == [2, 0]
    call_command("roll_up_events", "--all")
    assert list(revenues.all()) == [0, 2]


def test_counts_stay_when_their_month_is_dropped(settings):
    moment = datetime(2003, 5, 31, 23, tzinfo=UTC)
    record({"customer_id": "c", "type": "search", "occurred_at": moment.isoformat()})
    settings.EVENTS_RETENTION_DAYS = 365
    assert prune_events().events == 1
    assert not StaleDay.objects.exists()
    assert DailyActivity.objects.get().day == moment.date()
    StaleDay.objects.create(day=moment.date())  # as by somebody who was late
    assert roll_up_events() == RolledUp(days=1, changed=0)
    assert DailyActivity.objects.get().events == 1


def test_an_event_that_is_committed_after_a_later_one_is_not_missed():
    lamp, early, late = make_product(), make_customer(), make_customer()

    def write_later(_):
        record_event(product=lamp, customer=late, **at(2))
        return roll_up_events()

    with transaction.atomic():
        record_event(product=lamp, customer=early, **at(1))
        assert in_threads(1, write_later) == [RolledUp(days=1, changed=1)]
    assert DailyActivity.objects.get().events == 1
    assert roll_up_events() == RolledUp(days=1, changed=1)
    assert DailyActivity.objects.get().events == 2
    assert_counts_equal_a_recount()


def test_a_run_that_is_killed_leaves_its_days_to_the_next():
    record_event(product=make_product(), customer=make_customer(), **at(1))
    locked = threading.Event()

    def run(number):
        if number:
            locked.wait()
            return roll_up_events()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE events_dailyactivity IN ACCESS EXCLUSIVE MODE")
            locked.set()
            stopped = False
            while not stopped:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE relation = 'events_dailyactivity'::regclass AND NOT granted"
                )
                stopped = bool(cursor.fetchall())
        return None

    _, error = in_threads(2, run)
    assert isinstance(error, OperationalError)
    assert StaleDay.objects.count() == 1
    assert not DailyActivity.objects.exists()
    roll_up_events()
    assert_counts_equal_a_recount()


written = st.lists(
    st.tuples(
        st.sampled_from(["view", "purchase", "return"]),
        st.integers(0, 2),  # product
        st.integers(0, 3),  # shopper
        st.integers(0, 24 * 40),  # hour
        st.none() | st.integers(1, 5),  # quantity
    ),
    min_size=1,
    max_size=12,
)


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(written, min_size=1, max_size=3))
def test_counts_equal_a_recount_after_any_batches(batches):
    Event.objects.all().delete()
    products = [make_product() for _ in range(3)]
    for batch in batches:
        record(*(
            {
                "type": kind, "product_id": products[product].public_id, **at(hours),
                "quantity": quantity, "unit_price": "1.25",
                **({"customer_id": f"c-{shopper}"} if shopper < 2
                   else {"visitor_id": f"00000000-0000-0000-0000-00000000000{shopper}"}),
            }
            for kind, product, shopper, hours, quantity in batch
        ))  # fmt: skip
        roll_up_events()
    assert_counts_equal_a_recount()
    assert not StaleDay.objects.exists()


def test_counts_equal_a_recount_whoever_writes_meanwhile():
    products = [make_product() for _ in range(3)]
    writers, rounds = 4, 12

    def work(number):
        chance = Random(number)
        if number >= writers:  # two that count
            return [roll_up_events() for _ in range(rounds)]
        for turn in range(rounds):
            with transaction.atomic():
                for _ in range(chance.randint(1, 3)):
                    record_event(
                        product=chance.choice(products),
                        customer=make_customer(f"c-{number}"),
                        **at(chance.randrange(24 * 3)),
                    )
                if turn % 5 == 2:
                    Event.objects.filter(customer__public_id=f"c-{number}").delete()
        return None

    answers = in_threads(writers + 2, work)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    roll_up_events()
    assert not StaleDay.objects.exists()
    assert_counts_equal_a_recount()
    assert DailyActivity.objects.exists()
