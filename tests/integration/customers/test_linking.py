"""Links from visitors to customers: one in force, each with a from and a to."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from customers.models import IdentityLink
from customers.services import link_visitor, log_out_visitor, undo_link, unlink_visitor
from tests.factories.events import make_customer, make_visitor
from tests.factories.threads import in_threads

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def hours(count):
    return NOON + timedelta(hours=count)


def bounds(visitor):
    """(customer, claims from, ended) of the links that stand, in hours from noon."""
    links = IdentityLink.objects.filter(visitor=visitor, undone_at=None).order_by("linked_at")
    return [
        (link.customer.public_id, *((at and (at - NOON) / timedelta(hours=1)) for at in
         (link.claims_from, link.ended_at)))
        for link in links
    ]  # fmt: skip


def test_a_new_link_ends_the_one_before():
    visitor = make_visitor(make_customer("a"))
    link, is_new = link_visitor(visitor.pk, "b")
    assert is_new
    old = IdentityLink.objects.exclude(pk=link.pk).get()
    assert (old.ended_at, old.undone_at) == (link.linked_at, None)
    assert link.claims_from == link.linked_at
    assert list(IdentityLink.objects.in_force()) == [link]


def test_unlinking_what_is_not_linked():
    assert unlink_visitor(make_visitor().pk) is None
    assert log_out_visitor(make_visitor().pk) is None


def test_an_unlinked_visitor_is_linked_anew():
    visitor = make_visitor(make_customer("a"))
    assert unlink_visitor(visitor.pk)
    _, is_new = link_visitor(visitor.pk, "a")
    assert is_new
    assert IdentityLink.objects.count() == 2


def test_a_logout_ends_the_claim_and_the_next_link_claims_from_there():
    visitor = make_visitor()
    link_visitor(visitor.pk, "a", at=hours(0))
    assert log_out_visitor(visitor.pk, at=hours(1)).ended_at == hours(1)
    assert bounds(visitor) == [("a", None, 1.0)]
    link_visitor(visitor.pk, "b", at=hours(2))
    assert bounds(visitor) == [("a", None, 1.0), ("b", 1.0, None)]


def test_undoing_the_last_link_puts_the_one_before_in_force_again():
    visitor = make_visitor()
    link_visitor(visitor.pk, "a", at=hours(0))
    before = bounds(visitor)
    link_visitor(visitor.pk, "b", at=hours(1))
    assert unlink_visitor(visitor.pk).customer.public_id == "b"
    assert bounds(visitor) == before == [("a", None, None)]


def test_a_logout_stays_one_when_a_later_link_is_undone():
    visitor = make_visitor()
    link_visitor(visitor.pk, "a", at=hours(0))
    log_out_visitor(visitor.pk, at=hours(1))
    before = bounds(visitor)
    link_visitor(visitor.pk, "b", at=hours(2))
    unlink_visitor(visitor.pk)
    assert bounds(visitor) == before


def test_a_link_amid_others_is_undone():
    visitor = make_visitor()
    for at, customer in enumerate("abc"):
        link_visitor(visitor.pk, customer, at=hours(at))
    assert undo_link(IdentityLink.objects.get(customer__public_id="b").pk)
    assert bounds(visitor) == [("a", None, 2.0), ("c", 2.0, None)]
    assert undo_link(IdentityLink.objects.get(customer__public_id="b").pk) is None


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_one_in_force():
    visitor = make_visitor()

    def act(number):
        if number % 4 == 3:
            return log_out_visitor(visitor.pk)
        return link_visitor(visitor.pk, f"c-{number % 3}")[0].customer_id

    answers = in_threads(16, act)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert IdentityLink.objects.in_force().count() <= 1
    ends = list(IdentityLink.objects.order_by("linked_at", "id").values_list(
        "claims_from", "ended_at"))  # fmt: skip
    assert ends[0][0] is None
    assert all(later[0] == earlier[1] for earlier, later in pairwise(ends))
