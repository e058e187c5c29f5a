"""A batch is stored in one statement: once each, with all that follows from it."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customers.models import Customer, Visitor
from events.algorithms.lines import EventLine, Sender
from events.models import Event, EventKey, RefreshRequest, RejectedEvent
from events.services import count_outcomes, record_events, record_interaction, recording
from events.signals import interactions_recorded
from tests.factories.catalogue import make_product
from tests.factories.events import event, make_customer, make_link, make_visitor
from tests.factories.threads import in_threads

SHOP = Sender(is_trusted=True)
VISITOR_ID = "00000000-0000-4000-8000-000000000001"


def results(outcomes):
    return [outcome.code or outcome.result for outcome in outcomes]


@pytest.fixture
def announced():
    calls = []

    def receive(customer_ids, visitor_ids, **_):
        calls.append((customer_ids, visitor_ids))

    interactions_recorded.connect(receive)
    yield calls
    interactions_recorded.disconnect(receive)


@pytest.mark.django_db
def test_all_that_an_event_says_is_stored():
    product = make_product(sku="lamp-s")
    (outcome,) = record_events([
        event(
            event_id="e-1", type="purchase", product_id=product.public_id, sku="lamp-s",
            customer_id="c-1", visitor_id=VISITOR_ID, session_id="s-1", order_id="o-1", quantity=2,
            unit_price="9.99", currency="EUR", request_id="r-1", query="lämp 💡",
            occurred_at="2026-01-05T12:00:00+02:00",
        )
    ], SHOP)  # fmt: skip
    assert outcome.result == "stored"
    stored = Event.objects.get()
    assert stored.occurred_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert (stored.product, stored.variant.sku, stored.quantity) == (product, "lamp-s", 2)
    assert (str(stored.unit_price), stored.currency) == ("9.9900", "EUR")
    assert (stored.customer.public_id, str(stored.visitor_id)) == ("c-1", VISITOR_ID)
    assert (stored.session_id, stored.order_id, stored.request_id) == ("s-1", "o-1", "r-1")
    assert (stored.query, stored.received_at is not None) == ("lämp 💡", True)
    assert EventKey.objects.get().occurred_at == stored.occurred_at


@pytest.mark.django_db
def test_a_price_without_currency_is_in_the_stores():
    record_events([event(customer_id="c", unit_price="1"), event(customer_id="c")], SHOP)
    assert set(Event.objects.values_list("currency", flat=True)) == {"USD", None}


@pytest.mark.django_db
def test_a_batch_is_one_statement(django_assert_num_queries):
    product = make_product()
    batch = [event(product_id=product.public_id, customer_id=f"c-{n}") for n in range(20)]
    record_events([event(customer_id="c")], SHOP)  # the month's partition is known from here on
    # One, and the savepoint of a test, which runs in a transaction.
    with django_assert_num_queries(3) as queries:
        record_events([*batch, event(), "x", event(product_id="?", customer_id="c")], SHOP)
    assert "SAVEPOINT" in queries[0]["sql"]
    assert "SAVEPOINT" in queries[2]["sql"]


@pytest.mark.django_db
def test_what_was_stored_is_a_duplicate_from_then_on():
    batch = [event(customer_id="c") for _ in range(3)]
    assert results(record_events(batch[:2], SHOP)) == ["stored"] * 2
    assert results(record_events(batch, SHOP)) == ["duplicate", "duplicate", "stored"]
    assert Event.objects.count() == EventKey.objects.count() == 3


@pytest.mark.django_db
def test_an_id_twice_in_a_batch_is_stored_once():
    twice = event(event_id="e", customer_id="c")
    assert results(record_events([twice, twice], SHOP)) == ["stored", "duplicate"]
    assert Event.objects.count() == 1


@pytest.mark.django_db
def test_an_id_is_one_across_partitions():
    first = event(event_id="e", customer_id="c", occurred_at="2026-01-31T23:59:59Z")
    later = first | {"occurred_at": "2026-02-01T00:00:00Z"}
    assert results(record_events([first, later], SHOP)) == ["stored", "duplicate"]


@pytest.mark.django_db
def test_the_first_good_one_of_an_id_is_stored():
    good = make_product()
    unknown = event(event_id="e", product_id="?", customer_id="c")
    outcomes = record_events([unknown, unknown | {"product_id": good.public_id}], SHOP)
    assert results(outcomes) == ["unknown_product", "stored"]


@pytest.mark.django_db
def test_unknown_products_are_kept_once_however_often_they_come():
    unknown = event(event_id="e", product_id="?", customer_id="c-1", quantity=2)
    for _ in range(2):
        (outcome,) = record_events([unknown], SHOP)
        assert (outcome.result, outcome.code, outcome.pointer) == (
            "rejected", "unknown_product", "/product_id",
        )  # fmt: skip
    kept = RejectedEvent.objects.get()
    assert (kept.event_id, kept.product_public_id, kept.customer_public_id) == ("e", "?", "c-1")
    assert kept.payload["quantity"] == 2
    assert kept.payload["customer_id"] == "c-1"
    assert not Event.objects.exists()
    assert not EventKey.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_a_sku_must_exist_and_be_the_products():
    lamp, chair = make_product(sku="lamp-s"), make_product(sku="chair-s")
    outcomes = record_events([
        event(sku="lamp-s", customer_id="c"),
        event(sku="?", customer_id="c"),
        event(product_id=lamp.public_id, sku="?", customer_id="c"),
        event(product_id=lamp.public_id, sku="chair-s", customer_id="c"),
    ], SHOP)  # fmt: skip
    assert results(outcomes) == [
        "stored", "unknown_product", "unknown_sku", "sku_of_another_product",
    ]  # fmt: skip
    assert {outcome.pointer for outcome in outcomes[1:]} == {"/sku"}
    assert Event.objects.get().product == lamp
    assert chair.pk


@pytest.mark.django_db
def test_flawed_events_are_kept_with_the_reason():
    raws = [None, event(quantity=0, event_id="e"), {"a\x00": "\ud800"}, event()]
    assert count_outcomes(record_events(raws * 2, SHOP))["rejected"] == 8
    assert set(RejectedEvent.objects.values_list("code", "pointer", "event_id")) == {
        ("not_an_object", "", None),
        ("invalid_quantity", "/quantity", "e"),
        ("unknown_field", "/a\N{REPLACEMENT CHARACTER}", None),
        ("shopper_required", "", raws[3]["event_id"]),
    }


@pytest.mark.django_db
def test_shoppers_are_created():
    known = make_customer("c-1")
    record_events(
        [event(customer_id=name) for name in ("c-1", "c-2", "c-2")]
        + [event(visitor_id=VISITOR_ID)],
        SHOP,
    )  # fmt: skip
    assert set(Customer.objects.values_list("public_id", flat=True)) == {"c-1", "c-2"}
    assert Visitor.objects.filter(pk=VISITOR_ID).exists()
    assert Event.objects.filter(customer=known).count() == 1


@pytest.mark.django_db
def test_months_long_past_are_made():
    record_events([event(customer_id="c", occurred_at="2003-06-30T23:59:59.999999Z")], SHOP)
    record_events([event(customer_id="c", occurred_at="2003-07-01T01:00:00+02:00")], SHOP)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_event_200306")
        assert cursor.fetchone() == (2,)


@pytest.mark.django_db
def test_a_partition_that_went_is_made_again():
    moment = "2004-06-15T00:00:00Z"
    record_events([event(customer_id="c", occurred_at=moment)], SHOP)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP TABLE events_event_200406")
    outcomes = record_events([event(customer_id="c", occurred_at=moment)], SHOP)
    assert results(outcomes) == ["stored"]


@pytest.mark.django_db
def test_refreshes_become_due_for_whoever_it_is():
    product, customer = make_product(), make_customer("c-1")
    linked, alone = make_visitor(customer), make_visitor()
    RefreshRequest.objects.all().delete()
    names = [{"visitor_id": str(visitor.pk)} for visitor in (linked, alone)]
    names += [{"customer_id": "c-2"}] * 2
    record_events([event(product_id=product.public_id, **name) for name in names], SHOP)
    requests = RefreshRequest.objects.values_list("customer__public_id", "visitor_id")
    assert set(requests) == {("c-1", None), ("c-2", None), (None, alone.pk)}


@pytest.mark.django_db
def test_a_request_moves_when_it_is_asked_for_again():
    product = make_product()
    for _ in range(2):
        record_events([event(product_id=product.public_id, customer_id="c")], SHOP)
        times = list(RefreshRequest.objects.values_list("requested_at", flat=True))
        assert len(times) == 1
    first = times[0]
    record_events([event(product_id=product.public_id, customer_id="c")], SHOP)
    assert RefreshRequest.objects.get().requested_at > first


@pytest.mark.django_db
def test_searches_and_impressions_make_nothing_due():
    seen = event(type="impression", product_id=make_product().public_id, customer_id="c")
    record_events([event(customer_id="c"), seen], SHOP)
    assert not RefreshRequest.objects.exists()


@pytest.mark.django_db
def test_what_is_due_is_announced_on_commit(announced, django_capture_on_commit_callbacks):
    product, visitor = make_product(), make_visitor()
    with django_capture_on_commit_callbacks(execute=True):
        record_events([
            event(product_id=product.public_id, customer_id="c"),
            event(product_id=product.public_id, visitor_id=str(visitor.pk)),
        ], SHOP)  # fmt: skip
        assert announced == []
    assert announced == [([Customer.objects.get().pk], [visitor.pk])]


@pytest.mark.django_db
def test_duplicates_are_not_announced(announced, django_capture_on_commit_callbacks):
    seen = event(product_id=make_product().public_id, customer_id="c")
    record_events([seen], SHOP)
    with django_capture_on_commit_callbacks(execute=True):
        record_events([seen], SHOP)
    assert announced == []


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_all_with_it():
    with transaction.atomic():
        record_events([event(customer_id="c", product_id=make_product().public_id)], SHOP)
        transaction.set_rollback(True)
    models = (Event, EventKey, Customer, RefreshRequest)
    assert [model.objects.count() for model in models] == [0] * 4


@pytest.mark.django_db
def test_a_link_makes_the_customer_due_not_the_event_theirs():
    customer, visitor = make_customer(), make_visitor()
    make_link(visitor, customer)
    record_events([event(visitor_id=str(visitor.pk))], SHOP)
    assert Event.objects.get().customer is None


@pytest.mark.django_db
def test_an_interaction_recorded_on_the_server_is_stored_once():
    product = make_product()
    seen = EventLine(
        "e", "purchase", datetime(2026, 1, 1, tzinfo=UTC), product.public_id, customer_id="c",
        quantity=2, unit_price="1.50",
    )  # fmt: skip
    assert [record_interaction(seen).result for _ in range(2)] == ["stored", "duplicate"]


KINDS = ("good", "again", "unknown", "flawed", "nobody", "same")


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=30))
def test_outcomes_equal_rows(kinds):
    product = make_product()
    seen = event(event_id="seen", customer_id="c")
    record_events([seen], SHOP)
    before = Event.objects.count(), RejectedEvent.objects.count()
    made = {
        "good": lambda n: event(product_id=product.public_id, customer_id=f"c-{n % 3}"),
        "again": lambda _: seen,
        "unknown": lambda _: event(product_id="?", customer_id="c"),
        "flawed": lambda n: event(customer_id="c", quantity=-n),
        "nobody": lambda _: event(),
        "same": lambda _: event(event_id=f"same-{product.pk}", customer_id="c"),
    }
    outcomes = record_events([made[kind](n) for n, kind in enumerate(kinds)], SHOP)
    counts = count_outcomes(outcomes)
    assert sum(counts.values()) == len(kinds)
    assert (
        Event.objects.count() - before[0]
        == counts["stored"]
        == EventKey.objects.count() - before[0]
    )
    assert RejectedEvent.objects.count() - before[1] == counts["rejected"]
    assert counts["rejected"] == sum(kind in {"unknown", "flawed", "nobody"} for kind in kinds)


@pytest.mark.django_db(transaction=True)
def test_a_batch_sent_fifty_times_at_once_is_stored_once():
    product = make_product()
    batch = [
        event(product_id=product.public_id, customer_id=f"new-{n % 7}", visitor_id=VISITOR_ID)
        for n in range(40)
    ]
    answers = in_threads(50, lambda _: count_outcomes(record_events(batch, SHOP)))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sum(answer["stored"] for answer in answers) == 40
    assert sum(answer["duplicate"] for answer in answers) == 49 * 40
    assert Event.objects.count() == EventKey.objects.count() == 40
    assert Customer.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_overlapping_batches_in_any_order_do_not_get_in_each_others_way():
    product = make_product()
    events = [
        event(product_id=product.public_id, customer_id=f"new-{n}", visitor_id=VISITOR_ID)
        for n in range(30)
    ]
    turned = [events[n:] + events[:n] if n % 2 else events[::-1] for n in range(16)]
    answers = in_threads(16, lambda n: count_outcomes(record_events(turned[n], SHOP)))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sum(answer["stored"] for answer in answers) == 30
    # Everybody's event found its customer, whoever created them.
    assert Event.objects.filter(customer=None).count() == 0
    assert Event.objects.values("customer").distinct().count() == 30


@pytest.mark.django_db(transaction=True)
def test_a_new_month_met_by_many_at_once_is_made_once():
    recording._seen_months.clear()
    moment = "2001-03-05T00:00:00Z"
    answers = in_threads(
        12,
        lambda n: results(record_events([event(customer_id=f"c-{n}", occurred_at=moment)], SHOP)),
    )
    assert answers == [["stored"]] * 12
