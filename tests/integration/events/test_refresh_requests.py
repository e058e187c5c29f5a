"""Whose recommendations are due: struck off when done, unless asked for again meanwhile."""

import pytest

from events.models import RefreshRequest
from events.selectors import pending_refreshes
from events.services import complete_refreshes, request_refreshes
from tests.factories.events import make_customer

pytestmark = pytest.mark.django_db


def test_the_longest_waiting_comes_first():
    first, second = make_customer(), make_customer()
    request_refreshes([first.pk])
    request_refreshes([second.pk])
    assert [due.customer_id for due in pending_refreshes()] == [first.pk, second.pk]
    request_refreshes([first.pk])
    assert [due.customer_id for due in pending_refreshes(1)] == [second.pk]


def test_what_is_done_is_struck_off():
    request_refreshes([make_customer().pk])
    assert complete_refreshes(pending_refreshes()) == 1
    assert pending_refreshes() == []
    assert complete_refreshes([]) == 0


def test_what_was_asked_for_again_meanwhile_stays():
    customer = make_customer()
    request_refreshes([customer.pk])
    due = pending_refreshes()
    request_refreshes([customer.pk])
    assert complete_refreshes(due) == 0
    assert RefreshRequest.objects.count() == 1
