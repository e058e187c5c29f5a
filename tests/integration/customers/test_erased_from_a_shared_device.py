"""Somebody who shared a device is erased: nobody else becomes heir to their time on it."""

from datetime import UTC, datetime, timedelta

import pytest

from customers.models import IdentityLink
from customers.services import erase_customer, link_visitor, log_out_visitor, undo_link
from tests.factories.events import make_visitor

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(count):
    return NOON + timedelta(hours=count)


def hours(moment):
    return moment and (moment - NOON) / timedelta(hours=1)


def bounds(visitor):
    """(customer, claims from, ended) of the links that stand, in hours from noon."""
    links = IdentityLink.objects.filter(visitor=visitor, undone_at=None).order_by("linked_at")
    return [(one.customer.public_id, hours(one.claims_from), hours(one.ended_at)) for one in links]


@pytest.fixture
def device():
    return make_visitor()


def test_who_was_before_is_not_in_force_again(device):
    link_visitor(device.pk, "before", at=at(0))
    link_visitor(device.pk, "gone", at=at(1))
    erase_customer("gone")
    assert bounds(device) == [("before", None, 1.0)]


def test_who_is_next_claims_nothing_of_their_time(device):
    link_visitor(device.pk, "before", at=at(0))
    link_visitor(device.pk, "gone", at=at(1))
    log_out_visitor(device.pk, at=at(2))
    link_visitor(device.pk, "next", at=at(3))
    assert bounds(device)[2] == ("next", 2.0, None)
    erase_customer("gone")
    assert bounds(device) == [("before", None, 1.0), ("next", 2.0, None)]


def test_nor_does_who_comes_after_the_erasure(device):
    link_visitor(device.pk, "gone", at=at(1))
    link_visitor(device.pk, "before", at=at(2))
    log_out_visitor(device.pk, at=at(3))
    link_visitor(device.pk, "gone", at=at(4))
    log_out_visitor(device.pk, at=at(5))
    erase_customer("gone")
    link, _ = link_visitor(device.pk, "next", at=at(6))
    assert bounds(device)[1:] == [("next", 5.0, None)]
    undo_link(link.pk)
    again, _ = link_visitor(device.pk, "next", at=at(7))
    assert hours(again.claims_from) == 5.0


def test_a_link_that_was_undone_leaves_no_time(device):
    link, _ = link_visitor(device.pk, "gone", at=at(1))
    undo_link(link.pk)
    link_visitor(device.pk, "next", at=at(3))
    erase_customer("gone")
    assert bounds(device) == [("next", None, None)]
    device.refresh_from_db()
    assert device.others_until is None
