"""An erasure leaves no trace but a tombstone, and nothing comes after it."""

import json
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from celery import current_app
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.test import Client

from api.background import nudge
from customers.models import Customer, Erasure, Tombstone, Visitor
from customers.services import (
    all_holdings,
    erase_customer,
    erasing,
    finish_erasures,
    link_visitor,
)
from customers.tasks import carry_out_erasure
from events.algorithms.lines import Sender
from events.models import Event, EventKey, RejectedEvent
from events.services import merge, record_events
from events.tasks import log_product_view
from recommendations.models import CustomerFactors, CustomerRecommendations, TrainingRun
from recommendations.services.refreshing import refresh_due_shoppers
from search.services.query_log import AnsweredSearch, record_search
from tests.factories.catalogue import make_product
from tests.factories.events import (
    bearer,
    event,
    make_customer,
    make_visitor,
    record,
    record_event,
    visitor_header,
)
from tests.factories.privacy import (
    redis_keys_that_tell,
    tables_that_point_to,
    tables_that_tell,
)
from tests.factories.recommendations import make_shop, train_now

pytestmark = pytest.mark.django_db
WHO = "erase-me-7f3a"


def erase(customer_id=WHO, headers=None):
    return Client().post(
        f"/v1/customers/{customer_id}/erasure", headers=headers or bearer("secret")
    )


def search(customer=None, visitor=None):
    record_search(AnsweredSearch(
        uuid4(), "red lamp", {}, "relevance", visitor and visitor.pk, customer and customer.pk,
        0, [], "hybrid", "m", 1, False, 1.0,
    ))  # fmt: skip


@pytest.fixture(autouse=True)
def _clean_broker():
    yield
    with current_app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()
    cache.clear()


@pytest.fixture
def traces():
    """Somebody of whom all is kept that can be: (customers, their own device, a shared one)."""
    shop = make_shop()
    customer, device, shared = make_customer(WHO), make_visitor(), make_visitor()
    old = make_customer("erase-me-old-7f3a")
    merge(old.public_id, WHO)
    for product in shop.garden[:6]:
        record_event("purchase", product=product, customer=customer)
        record_event(product=product, customer=old, days_ago=2)
    record_event(product=shop.garden[0], visitor=device, session_id="s")
    record_event(product=shop.garden[1], visitor=shared)
    link_visitor(device.pk, WHO)
    link_visitor(shared.pk, WHO)
    record_event(product=shop.garden[2], customer=customer, visitor=shared)
    train_now()
    refresh_due_shoppers()
    record_event(product=shop.garden[3], customer=customer)
    search(customer), search(visitor=device), search(customer, shared)
    record_events([event(product_id="no-such", customer_id=WHO), {"customer_id": WHO, "x": 1}],
                  Sender(is_trusted=True))  # fmt: skip
    record_events([event(product_id="gone"), [str(device.pk).upper()]],
                  Sender(visitor_id=device.pk))  # fmt: skip
    user = get_user_model().objects.create_user(WHO, f"{WHO}@example.com")
    Customer.objects.filter(pk=customer.pk).update(user=user)
    admin = get_user_model().objects.create_superuser("boss", "boss@example.com", "x")
    LogEntry.objects.create(
        user=admin, object_id=str(customer.pk), object_repr=WHO, action_flag=CHANGE,
        content_type=ContentType.objects.get_for_model(Customer),
    )  # fmt: skip
    nudge(log_product_view, "e", "2026-01-01T00:00:00Z", "p", None, WHO)
    nudge(log_product_view, "e", "2026-01-01T00:00:00Z", "p", str(device.pk), None)
    nudge(log_product_view, "e", "2026-01-01T00:00:00Z", "p", None, "somebody-else")
    link_visitor(shared.pk, "flatmate")
    record_event(product=shop.kitchen[0], visitor=shared)
    return (customer, old), device, shared


def names_of(traces):
    people, device, _ = traces
    return [*(one.public_id for one in people), str(device.pk), device.pk.hex]


def tasks_waiting():
    """How many there are in the fast queue, which tests of one process share."""
    with current_app.connection_for_write() as broker:
        return broker.default_channel.client.llen("fast")


def test_no_trace_is_left_but_a_tombstone(traces):
    people, device, shared = traces
    names = names_of(traces)
    keys = [one.pk for one in people]
    run = TrainingRun.objects.get().pk
    assert tables_that_tell(*names) >= {
        "customers_customer", "customers_visitor", "events_rejectedevent", "auth_user",
        "django_admin_log", "search_searchquery",
    }  # fmt: skip
    assert len(redis_keys_that_tell(*names)) >= 1
    before, queued = Event.objects.count(), tasks_waiting()
    answer = erase()
    assert answer.status_code == 200, answer.content
    receipt = answer.json()
    assert (receipt["state"], receipt["subject"]) == ("done", "customer")
    assert receipt["training_runs"] == [run]
    counts = receipt["counts"]
    assert counts == {
        "events": 16, "event_keys": 16, "rejected_events": 4, "refresh_requests": 1,
        "queued_tasks": 2, "search_queries": 3, "customer_factors": 1,
        "recommendation_lists": 2, "admin_log_entries": 1, "users": 1, "identity_links": 2,
        "customer_merges": 1, "customers": 2, "visitors": 1,
    }  # fmt: skip
    assert Event.objects.count() == before - 16 == EventKey.objects.count()

    assert tables_that_tell(*names) == set()
    pointing = {"customer_id": keys, "visitor_id": [device.pk], "merged_id": keys, "into_id": keys,
                "root_id": keys, "object_id": keys}  # fmt: skip
    assert tables_that_point_to(pointing) == set()
    assert redis_keys_that_tell(*names, f"customer:{people[0].pk}") == set()
    assert Tombstone.objects.count() == 3
    # What is somebody else's is left.
    assert Event.objects.filter(visitor=shared).count() == 1
    assert shared.links.get().customer.public_id == "flatmate"
    assert tasks_waiting() == queued - 2
    assert Client().get(f"/v1/erasures/{receipt['erasure_id']}",
                        headers=bearer("secret")).json() == receipt  # fmt: skip


def test_the_next_training_has_none(traces):
    erase()
    run = train_now().run_id
    people, _, _ = traces
    ids = [one.pk for one in people]
    assert not CustomerFactors.objects.filter(run=run, customer__in=ids).exists()
    assert not CustomerRecommendations.objects.filter(customer__in=ids).exists()


def test_later_data_are_refused_and_not_kept(traces):
    _, device, _ = traces
    erase()
    rejected = RejectedEvent.objects.count()
    product = make_product()
    outcomes = record_events(
        [
            event(product_id=product.public_id, customer_id=WHO),
            event(product_id=product.public_id, visitor_id=str(device.pk)),
            event(product_id="unknown", customer_id=WHO),
            event(customer_id=WHO, nonsense=1),
            event(product_id=product.public_id, customer_id="new"),
        ],
        Sender(is_trusted=True),
    )
    assert [one.code for one in outcomes] == ["erased", "erased", "erased", "unknown_field", None]
    assert RejectedEvent.objects.count() == rejected
    assert tables_that_tell(*names_of(traces)) == set()
    secret, token = bearer("secret"), visitor_header(device)
    as_json = {"content_type": "application/json"}
    answer = Client().post("/v1/events", {"events": [event()]}, headers=bearer() | token, **as_json)
    assert answer.json()["outcomes"][0]["code"] == "erased"
    answer = Client().post(
        "/v1/identify", {"customer_id": WHO}, headers=secret | visitor_header(make_visitor()),
        **as_json,
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (403, "erased")
    home = "/v1/recommendations/home"
    answer = Client().get(home, headers=bearer() | token)
    assert (answer.status_code, answer.json()["code"]) == (401, "erased")
    answer = Client().get(home, {"customer_id": WHO}, headers=secret)
    assert (answer.status_code, answer.json()["source"]) == (200, "popular")
    assert tables_that_tell(*names_of(traces)) == set()


def test_again_gives_the_same_receipt(traces):
    assert erase().json() == erase().json()
    assert Erasure.objects.count() == 1
    assert erase("erase-me-old-7f3a").json() == erase().json()


def test_the_admin_shows_receipts_in_words(traces, admin_client):
    erase()
    page = admin_client.get("/admin/customers/erasure/").content.decode()
    assert "16 events, 16 event keys, 4 rejected events" in page


def test_an_id_that_nobody_knows_is_refused_from_then_on():
    answer = erase("never-seen")
    assert (answer.json()["state"], answer.json()["counts"]) == ("done", {})
    outcome = record_events([event(customer_id="never-seen")], Sender(is_trusted=True))[0]
    assert outcome.code == "erased"


def test_what_was_cut_short_is_finished_with_the_right_counts(traces, monkeypatch):
    holdings = all_holdings()
    last = holdings[-1]

    def die(person):
        raise SystemExit("killed")

    doomed = [*holdings[:-1], replace(last, erase=die)]
    monkeypatch.setattr(erasing, "all_holdings", lambda: doomed)
    with pytest.raises(SystemExit):
        erase_customer(WHO)
    assert Erasure.objects.get().state == "running"
    monkeypatch.undo()
    assert finish_erasures() == 1
    receipt = Erasure.objects.get()
    assert (receipt.state, receipt.work) == ("done", None)
    assert receipt.counts["events"] == 16
    assert receipt.counts["customers"] == 2
    assert tables_that_tell(*names_of(traces)) == set()


def test_what_is_much_is_left_to_a_worker_and_refused_at_once(traces, monkeypatch):
    monkeypatch.setattr(erasing, "MANY_ROWS", 10)
    answer = erase()
    receipt = answer.json()
    assert (answer.status_code, receipt["state"], receipt["counts"]) == (202, "running", {})
    place = answer["Location"]
    assert place.endswith(f"/v1/erasures/{receipt['erasure_id']}")
    outcome = record_events([event(customer_id=WHO)], Sender(is_trusted=True))[0]
    assert outcome.code == "erased"
    exported = Client().get(f"/v1/customers/{WHO}/export", headers=bearer("secret"))
    assert exported.status_code == 404
    again = erase()
    assert (again.status_code, again["Location"]) == (202, place)
    assert carry_out_erasure(receipt["erasure_id"]) is True
    assert carry_out_erasure(receipt["erasure_id"]) is False
    done = Client().get(place, headers=bearer("secret")).json()
    assert (done["state"], done["counts"]["events"]) == ("done", 16)
    assert (erase().status_code, erase().json()) == (200, done)
    assert tables_that_tell(*names_of(traces)) == set()


def test_months_that_were_detached_are_erased_too():
    customer, other, product = make_customer(WHO), make_customer("stays"), make_product()
    for who in (customer, other):
        named = {"customer_id": who.public_id, "product_id": product.public_id}
        record(event(occurred_at="2003-05-31T12:00:00Z", **named), event(**named))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_event DETACH PARTITION events_event_200305")
        assert Event.objects.count() == 2
        counts = erase().json()["counts"]
        assert (counts["events"], counts["event_keys"]) == (2, 2)
        cursor.execute("SELECT customer_id FROM events_event_200305")
        assert cursor.fetchall() == [(other.pk,)]
    assert EventKey.objects.count() == 2


def test_every_model_that_names_a_shopper_is_known_to_an_eraser():
    known = {model for holding in all_holdings() for model in holding.models}
    counts_only = {"shoppers", "visitors"}  # numbers of them
    for model in apps.get_models(include_auto_created=True):
        named = [
            field.name
            for field in model._meta.concrete_fields
            if field.related_model in {Customer, Visitor}
            or (re.search("visitor|customer|shopper", field.name) and field.name not in counts_only)
        ]
        assert not named or model in known, f"{model.__name__} keeps {named}: add it to a Holding"


def test_a_visitor_erases_itself_but_nothing_of_a_customer():
    visitor, customer = make_visitor(), make_customer("keeps-all")
    mine, theirs = make_product(), make_product()
    link_visitor(visitor.pk, "keeps-all")
    record_event(product=theirs, visitor=visitor)
    record_event("purchase", product=theirs, visitor=visitor, customer=customer)
    headers = bearer() | visitor_header(visitor)
    Client().post("/v1/logout", headers=headers)
    record_event(product=mine, visitor=visitor)
    answer = Client().post("/v1/visitors/erasure", headers=headers)
    assert answer.status_code == 200, answer.content
    assert answer.json()["counts"] == {
        "events": 1, "event_keys": 1, "events_handed_over": 1, "events_without_device": 1,
        "identity_links": 1, "refresh_requests": 1, "visitors": 1,
    }  # fmt: skip
    kept = Event.objects.values_list("customer_id", "visitor_id", "product_id")
    assert set(kept) == {(customer.pk, None, theirs.pk)}
    assert len(kept) == 2
    assert tables_that_tell(str(visitor.pk), visitor.pk.hex) == set()
    assert Client().post("/v1/visitors/erasure", headers=headers).json() == answer.json()


def test_only_a_secret_key_with_the_scope_erases():
    make_customer(WHO)
    for headers in (bearer(), bearer("secret", ["customers:write", "privacy:read"])):
        answer = erase(headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "secret_key_required")
    assert not Erasure.objects.exists()


def test_the_export_gives_everything(traces):
    people, device, _ = traces
    answer = Client().get(f"/v1/customers/{WHO}/export", headers=bearer("secret"))
    body = json.loads(answer.getvalue())
    assert {one["id"] for one in body["customers"]} == {one.public_id for one in people}
    assert [one["id"] for one in body["visitors"]] == [str(device.pk)]
    assert len(body["events"]) == 16
    assert len(body["search_queries"]) == 3
    assert len(body["identity_links"]) == 2
    assert len(body["rejected_events"]) == 4
    assert len(body["recommendations"]) == 2
    assert body["customer_merges"][0]["into"] == WHO
    assert "flatmate" not in json.dumps(body)


def test_who_is_not_known_has_no_export():
    answer = Client().get("/v1/customers/nobody/export", headers=bearer("secret"))
    assert answer.status_code == 404
