"""The admin shows the log read only, and never counts it."""

import pytest
from django.test import Client

from events.models import Event, RefreshRequest, RejectedEvent
from tests.factories.catalogue import make_product
from tests.factories.events import make_customer, make_visitor, record_event

pytestmark = pytest.mark.django_db
LISTS = [
    "events/event", "events/rejectedevent", "events/refreshrequest", "events/dailyactivity",
    "customers/customer", "customers/visitor", "customers/identitylink",
]  # fmt: skip


@pytest.fixture
def admin(admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture(autouse=True)
def rows():
    make_visitor(make_customer("c-1"))
    record_event(product=make_product(), customer=make_customer("c-1"), event_id="e-1")
    record_event("search", visitor=make_visitor(), event_id="e-2")
    RejectedEvent.objects.create(
        fingerprint="00000000-0000-4000-8000-000000000001", payload={}, code="x", detail="y"
    )


@pytest.mark.parametrize("path", LISTS)
def test_every_list_opens_and_searches(admin, path):
    for query in ("", "?q=e-1"):
        assert admin.get(f"/admin/{path}/{query}").status_code == 200


def test_the_log_is_not_counted(admin, django_assert_num_queries):
    with django_assert_num_queries(4) as queries:
        admin.get("/admin/events/event/?type__exact=view")
    assert not [query for query in queries if "COUNT(" in query["sql"]]


def test_an_event_is_found_by_its_id(admin):
    shown = admin.get("/admin/events/event/?q=e-2").content.decode()
    assert "e-2" in shown
    assert "e-1" not in shown.replace('value="e-2"', "")


def test_rejections_are_filtered_by_code(admin):
    assert b"0 rejected events" in admin.get("/admin/events/rejectedevent/?code=z").content
    assert b"1 rejected event" in admin.get("/admin/events/rejectedevent/?code=x").content


@pytest.mark.parametrize("path", LISTS[:3])
def test_nothing_is_written_by_hand(admin, path):
    assert admin.get(f"/admin/{path}/add/").status_code == 403


def test_links_are_undone_by_an_action(admin):
    link = make_visitor(make_customer("c-2")).links.get()
    admin.post(
        "/admin/customers/identitylink/",
        {"action": "undo", "_selected_action": [link.pk]},
    )
    link.refresh_from_db()
    assert link.undone_at is not None
    due = RefreshRequest.objects.values_list("customer_id", "visitor_id")
    assert set(due) >= {(link.customer_id, None), (None, link.visitor_id)}
    assert Event.objects.count() == 2
