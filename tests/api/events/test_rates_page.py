"""The admin's charts: rates by type, rejections by reason."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from events.algorithms.lines import Sender
from events.services import record_events, roll_up_events
from tests.factories.catalogue import make_product
from tests.factories.events import event, make_customer, record_event

pytestmark = pytest.mark.django_db
PAGE = "/admin/events/event/rates/"


@pytest.fixture
def admin(admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def busy():
    lamp, customer = make_product(), make_customer()
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for hours_ago in (1, 1, 30):
        moment = (midnight - timedelta(hours=hours_ago)).isoformat()
        record_event(product=lamp, customer=customer, occurred_at=moment)
    bad = event(customer_id=customer.public_id, product_id="<b>later</b>")
    record_events([bad], Sender(is_trusted=True))
    roll_up_events()


def drawings(page):
    """The drawings of the page that say what they are."""
    parts = page.split("<svg ")[1:]
    return [
        ET.fromstring("<svg " + part.split("</svg>")[0] + "</svg>")
        for part in parts
        if 'role="img"' in part.split(">")[0]
    ]


@pytest.mark.usefixtures("busy")
def test_by_day(admin):
    page = admin.get(PAGE, {"by": "day"}).content.decode()
    events, rejected = drawings(page)
    assert [title.text.partition(": ")[2] for title in events.iter("title")] == ["view 1", "view 2"]
    (reason,) = rejected.iter("title")
    assert reason.text.endswith("unknown_product 1")
    assert "Events by type: 3" in page
    assert "Rejected events by reason: 1" in page


@pytest.mark.usefixtures("busy")
def test_by_hour(admin):
    events, _ = drawings(admin.get(PAGE).content.decode())
    assert sum(1 for _ in events.iter("title")) == 2
    assert len(events.findall("text")) == 5 + 8  # the axes


@pytest.mark.usefixtures("busy")
def test_a_drawing_says_what_it_is_and_the_numbers_are_beside_it(admin):
    page = admin.get(PAGE, {"by": "day"}).content.decode()
    for drawing in drawings(page):
        for name in drawing.attrib["aria-labelledby"].split():
            assert page.count(f'id="{name}"') == 1
    assert page.count('<th scope="row">view</th>') == 1


def test_an_empty_log(admin):
    page = admin.get(PAGE).content.decode()
    assert not drawings(page)
    assert page.count("<p>None.</p>") == 2


@pytest.mark.usefixtures("busy")
def test_nothing_comes_from_elsewhere(admin):
    page = admin.get(PAGE).content.decode()
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_the_list_leads_there(admin):
    assert PAGE in admin.get("/admin/events/event/").content.decode()


def test_it_is_for_those_who_may_see_events():
    clerk = User.objects.create_user("clerk", is_staff=True)
    client = Client()
    assert client.get(PAGE).status_code == 302
    client.force_login(clerk)
    assert client.get(PAGE).status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="view_event"))
    assert client.get(PAGE).status_code == 200


def test_few_queries(admin, django_assert_max_num_queries):
    admin.get(PAGE)
    with django_assert_max_num_queries(5):  # session, user, and three of the counts
        admin.get(PAGE)
